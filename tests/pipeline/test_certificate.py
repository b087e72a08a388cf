"""docs/certificate.md is enough to check a certificate: a program that shares no code with the product does so."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from dailypapers.snapshots import certificate
from dailypapers.snapshots.completeness import state, verdict
from dailypapers.snapshots.drift import facts
from dailypapers.snapshots.store.layout import Store
from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, SATURDAY, SERIES, Product
from tests.support.scripted_month import pointed_at, run_command

DOCS = Path(__file__).parents[2] / "docs"
PROGRAM = DOCS / "check_certificate.py"
PAGE = (DOCS / "certificate.md").read_text("utf-8")


def check(store: Path, *days: str) -> list[str]:
    """The lines that the program prints; the last one counts."""
    words = [sys.executable, "-I", "-X", "utf8", str(PROGRAM), str(store), *days]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert result.returncode == (0 if len(lines) == 1 else 1)
    return lines


def test_the_program_shares_no_code_with_the_product() -> None:
    tree = ast.walk(ast.parse(PROGRAM.read_text("utf-8")))
    names = {
        name.partition(".")[0]
        for node in tree
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert names - sys.stdlib_module_names == {"warcio"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with three days of two fetches each: one with papers and a reject, one of a Saturday, and a week."""
    folder = tmp_path_factory.mktemp("certificates")
    switch = switches.bad_item(f"/api/daily_papers?date={DAY}")
    with PaperSite(seed=1, now=NOW, sizes={DAY: 12}, switches=[switch]) as site, pointed_at(site, folder):
        for hours in (0, 13):
            for source, day in (("hf-daily", DAY), ("hf-daily", SATURDAY), ("hf-weekly", DAY)):
                run_command(folder / "store", NOW + timedelta(hours=hours), "run", source, "--day", f"{day}")
    return folder / "store"


@pytest.fixture
def stored(product: Product, written: Path) -> Product:
    """Command lines on a copy of the store."""
    shutil.copytree(written, product.store.root)
    return product


def test_what_the_product_wrote_is_in_order(stored: Product) -> None:
    assert [stored.certificate(day)["state"] for day in (DAY, SATURDAY)] == ["closed", "empty"]
    assert check(stored.store.root) == ["3 certificates checked, 0 wrong"]
    assert check(stored.store.root, f"{DAY}") == ["1 certificates checked, 0 wrong"]


def test_a_paper_that_says_another_day_is_left_out_by_both(product: Product, site: PaperSite) -> None:
    def with_a_stray(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        paper = items[0]["paper"] | {"id": "2512.99999", "submittedOnDailyAt": "2025-12-09T00:00:00.000Z"}
        return [*items, items[0] | {"paper": paper}]

    site.switches.append(switches.items(f"/api/daily_papers?date={DAY}", with_a_stray))
    product("run", "--day", f"{DAY}")
    (fetch,) = product.certificate()["fetches"]
    assert [(view["items"], view["papers"]) for view in fetch["views"]] == [(13, 12), (12, 12)]
    assert check(product.store.root) == ["1 certificates checked, 0 wrong"]


def forge(store: Store, edit: Callable[[dict[str, Any]], object], papers: bytes | None = None) -> None:
    """Change a certificate, and the day file with it, so that all digests in it fit."""
    path = store.certificate(SERIES, DAY)
    content = orjson.loads(path.read_bytes())
    if papers is not None:
        store.papers(SERIES, DAY).write_bytes(papers)
        content["files"]["papers"] |= {"bytes": len(papers), "sha256": sha256(papers).hexdigest()}
        content["papers"] = papers.count(b"\n")
    edit(content)
    del content["checksum"]
    before = orjson.dumps(content, option=orjson.OPT_INDENT_2).removesuffix(b"\n}")
    path.write_bytes(before + b',\n  "checksum": "' + sha256(before).hexdigest().encode() + b'"\n}\n')


def test_a_forgery_is_made_as_the_page_says(stored: Product) -> None:
    path = stored.store.certificate(SERIES, DAY)
    forge(stored.store, lambda content: None)
    assert certificate.is_intact(path.read_bytes())
    assert check(stored.store.root) == ["3 certificates checked, 0 wrong"]


FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "state": (lambda one: one.update(state="partial"), "the day: state is closed, the certificate says partial"),
    "rejects": (lambda one: one.update(rejects=0), "the day: rejects is 1, the certificate says 0"),
    "gone": (lambda one: one.update(gone=1), "the day: gone is 0, the certificate says 1"),
    "as_of": (lambda one: one.update(as_of="2025-12-21T00:00:00Z"), "the day: as_of is 2025-12-20T01:00:00Z, "),
    "whole": (lambda one: one["fetches"][0].update(whole=False), "whole is True, the certificate says False"),
    "doubt": (lambda one: one["fetches"][0].update(doubt="fall"), "doubt is None, the certificate says fall"),
    "new": (lambda one: one["fetches"][1].update(new=1), "new is 0, the certificate says 1"),
    "left": (lambda one: one["fetches"][1].update(left=1), "left is 0, the certificate says 1"),
    "elsewhere": (
        lambda one: one["fetches"][1].update(elsewhere=True),
        "elsewhere is False, the certificate says True",
    ),
    "items": (lambda one: one["fetches"][0]["views"][0].update(items=9), "api: items is 12, the certificate says 9"),
    "promised": (lambda one: one["fetches"][0]["views"][0].update(promised=9), "api: promised is None, "),
    "exhausted": (lambda one: one["fetches"][0]["views"][1].update(exhausted=False), "html: exhausted is True, "),
    "failed": (lambda one: one["fetches"][0]["views"][1].update(failed="no"), "html: failed is False, "),
    "a fetch": (
        lambda one: one["fetches"].pop(0),
        "archive files that the certificate does not name: 20251219T120000Z",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_certificate_is_found_out(stored: Product, name: str) -> None:
    edit, message = FORGERIES[name]
    forge(stored.store, edit)
    *lines, last = check(stored.store.root, f"{DAY}")
    assert last == "1 certificates checked, 1 wrong"
    assert any(message in line for line in lines), lines


def test_a_paper_that_is_taken_out_of_day_file_and_certificate_is_found_out(stored: Product) -> None:
    first, *others = stored.store.papers(SERIES, DAY).read_bytes().splitlines(keepends=True)
    forge(stored.store, lambda content: None, papers=b"".join(others))
    assert f"hf-daily {DAY}: the archive shows 12 papers, and the day file has 11, or others" in check(
        stored.store.root
    )
    forge(stored.store, lambda content: None, papers=b"".join([first.replace(b"arxiv:2", b"arxiv:1", 1), *others]))
    assert f"hf-daily {DAY}: the archive shows 12 papers, and the day file has 12, or others" in check(
        stored.store.root
    )


@pytest.mark.parametrize("suffix", ["jsonl", "metrics.jsonl", "rejects.jsonl", "day.json"])
def test_a_changed_file_is_found_out(stored: Product, suffix: str) -> None:
    path = stored.store.papers(SERIES, DAY).with_name(f"{DAY}.{suffix}")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"2025-12", b"2026-12", 1))
    (line, _) = check(stored.store.root, f"{DAY}")[:2]
    missing = f"{path.name}: missing, or not the file that the certificate names"
    assert line.endswith("was changed after it was written" if suffix == "day.json" else missing)


def test_a_changed_archive_is_found_out(stored: Product) -> None:
    path = stored.archives()[0]
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    assert f"{path.name}: missing, or not the file that the certificate names" in check(stored.store.root)[0]


def test_the_page_names_every_field() -> None:
    kinds = [kind for module in (certificate, facts) for kind in vars(module).values() if hasattr(kind, "__total__")]
    names = {name for kind in kinds for name in kind.__annotations__}
    assert {"checksum", "at_known", "exhausted", "offsets", "sha256"} <= names
    assert names <= set(re.findall(r"`(\w+)`", PAGE))


def test_the_page_has_the_value_of_every_threshold() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", PAGE, re.MULTILINE))
    constants = {name: value for module in (verdict, state) for name, value in vars(module).items() if name.isupper()}
    assert rows == {name: as_written(value) for name, value in constants.items()}


def as_written(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{value / timedelta(hours=1):g} h"
    return ", ".join(map(str, sorted(value))) if isinstance(value, frozenset) else f"{value}"
