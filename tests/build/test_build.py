"""`dailypapers build`: the day is a pure function of archive and parser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, NOW, SERIES, Product
from tests.support.changed_parsers import set_version
from tests.support.scripted_month import pointed_at, run_command

_BAD_ITEM = switches.bad_item(f"/api/daily_papers?date={DAY}")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two days of two fetches each, one of them with rejects."""
    folder = tmp_path_factory.mktemp("built")
    with PaperSite(seed=1, now=NOW, sizes={BUSY: 130, DAY: 12}, switches=[_BAD_ITEM]) as site, pointed_at(site, folder):
        for hours in (0, 2):
            words = ("run", "--since", f"{BUSY}", "--until", f"{DAY}")
            run_command(folder / "store", NOW + timedelta(hours=hours), *words)
    return folder / "store"


@pytest.fixture
def stored(product: Product, site: PaperSite, written: Path) -> Product:
    """Command lines on a copy of the store; the next run goes to a site like the one that was fetched."""
    site.switches.append(_BAD_ITEM)
    shutil.copytree(written, product.store.root)
    return product


def test_snapshots_come_back_to_the_byte(stored: Product) -> None:
    before = stored.files()
    shutil.rmtree(stored.store.root / "snapshots")
    assert stored("build").status == 0
    assert stored.files() == before


def test_nothing_to_do_is_said(stored: Product) -> None:
    result = stored("build")
    assert (result.status, result.out) == (0, "")
    assert "every day is up to date" in result.err


@pytest.mark.parametrize("suffix", [".jsonl", ".day.json"])
def test_a_lost_file_is_built_again(stored: Product, suffix: str) -> None:
    before = stored.files()
    (stored.store.papers(SERIES, DAY).with_name(f"{DAY}{suffix}")).unlink()
    assert stored("build").out.startswith(f"hf-daily {DAY}")
    assert stored.files() == before


def test_a_certificate_that_is_rubbish_is_made_anew(stored: Product) -> None:
    before = stored.files()
    stored.store.certificate(SERIES, DAY).write_bytes(b"rubbish")
    assert stored("build").status == 0
    assert stored.files() == before


def overwrite(path: Path) -> None:
    """Another digit, so that the length stays."""
    content = path.read_bytes()
    place = content.index(b"2025-")
    path.write_bytes(content[:place] + b"2035-" + content[place + 5 :])


DAMAGE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a day file changed": ("jsonl", overwrite),
    "metrics changed": ("metrics.jsonl", overwrite),
    "metrics missing": ("metrics.jsonl", Path.unlink),
    "rejects changed": ("rejects.jsonl", overwrite),
    "rejects missing": ("rejects.jsonl", Path.unlink),
    "a certificate edited": ("day.json", overwrite),
}


@pytest.fixture(params=DAMAGE)
def damaged(request: pytest.FixtureRequest, stored: Product) -> tuple[Product, dict[str, bytes], str]:
    """The store after one of its derived files was changed, its files as they were before, and the name of that one."""
    suffix, damage = DAMAGE[request.param]
    path = stored.store.papers(SERIES, DAY).with_name(f"{DAY}.{suffix}")
    before = stored.files()
    damage(path)
    return stored, before, path.name


def test_build_makes_a_changed_file_anew(damaged: tuple[Product, dict[str, bytes], str]) -> None:
    product, before, name = damaged
    result = product("build")
    assert (result.status, result.out.startswith(f"hf-daily {DAY}: 12 papers")) == (0, True)
    assert f"{name} is not the file that was built; it is rebuilt" in result.err
    assert product.files() == before
    assert "every day is up to date" in product("build").err


def test_a_check_names_a_changed_file_and_what_helps(damaged: tuple[Product, dict[str, bytes], str]) -> None:
    product, _, name = damaged
    result = product("build", "--check")
    assert result.status == 1
    assert f"hf-daily {DAY}: not as it was built: {name}; rebuild it: dailypapers build" in result.err
    assert "raise the parser's version" not in result.err


def test_a_run_makes_the_changed_files_of_its_days_anew_though_nothing_answers(
    damaged: tuple[Product, dict[str, bytes], str],
) -> None:
    product, before, _ = damaged
    nowhere = ("--endpoint", "hf=http://127.0.0.1:9")
    assert product("run", "--day", f"{DAY}", *nowhere, now=NOW + timedelta(hours=3)).status == 3
    assert {name: content for name, content in product.files().items() if name in before} == before


def test_a_file_that_no_certificate_names_is_removed(stored: Product) -> None:
    before = stored.files()
    stored.store.rejects(SERIES, BUSY).write_bytes(b"{}\n")
    assert stored("build").out.startswith(f"hf-daily {BUSY}")
    assert stored.files() == before


def test_an_edited_certificate_that_names_an_archive_too_many_is_not_believed_alone(stored: Product) -> None:
    path = stored.store.certificate(SERIES, DAY)
    path.write_bytes(path.read_bytes().replace(b'"file": "202512', b'"file": "202412'))
    result = stored("build")
    assert result.status == 1
    assert "named by the certificate of 2025-12-10, which was changed after it was written" in result.err


def test_another_parser_version_builds_every_day(stored: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    set_version(monkeypatch, "hf_api", 99)
    assert len(stored("build").out.splitlines()) == 3
    assert stored.certificate()["parsers"]["hf_api"] == 99


def test_all_and_range(stored: Product) -> None:
    result = stored("build", "--all", "--since", "2025-12-09", "--until", "2025-12-09")
    assert result.out == "hf-daily 2025-12-09: 18 papers (18 same); api 18; html 18; settling\n"


def test_a_damaged_archive_is_named_and_the_day_stays(stored: Product) -> None:
    first, second = stored.archives()
    second.write_bytes(second.read_bytes()[:-40])
    before = stored.files()
    result = stored("build", "--all")
    assert result.status == 1
    assert second.name in result.err
    assert "2 of them failed" not in result.err
    assert stored.files() == before
    assert first.exists()


def test_loss_can_be_accepted_and_is_said(stored: Product) -> None:
    kept, lost = stored.archives()
    lost.unlink()
    assert stored("build").status == 1
    result = stored("build", "--accept-loss", "--since", f"{DAY}")
    assert (result.status, lost.name in result.out) == (1, True)
    assert stored.certificate()["lost"] == [lost.name]
    assert [fetch["file"] for fetch in stored.certificate()["fetches"]] == [kept.name]
    assert stored("build").out == ""


def test_an_accepted_loss_is_accepted_at_each_later_build(stored: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    _, lost = stored.archives()
    lost.unlink()
    stored("build", "--accept-loss", "--since", f"{DAY}")
    before = stored.files()
    again = stored("build", "--all", "--since", f"{DAY}")
    assert (again.err, f"built without {lost.name}" in again.out) == ("", True)
    assert stored.files() == before
    set_version(monkeypatch, "hf_api", 99)
    assert f"built without {lost.name}" in stored("build", "--since", f"{DAY}").out
    assert stored.certificate()["parsers"]["hf_api"] == 99
    # Another loss is not accepted with it.
    stored.archives()[0].write_bytes(b"rubbish")
    assert "the day again" in stored("build", "--all", "--since", f"{DAY}").err


def test_a_day_without_any_whole_archive_is_fetched_anew_as_the_message_says(stored: Product) -> None:
    for path in stored.archives():
        path.write_bytes(b"rubbish")
    said = stored("build", "--accept-loss", "--since", f"{DAY}").err
    certificate = stored.store.certificate(SERIES, DAY)
    assert f"remove it and {certificate}, and dailypapers run hf-daily --day {DAY} fetches the day again" in said
    assert "--accept-loss" not in said
    for path in (certificate, *stored.archives()):
        path.unlink()
    assert stored("run", "--day", f"{DAY}").status == 0
    assert len(stored.papers()) == 12


def test_a_damaged_file_without_certificate_counts_as_lost(stored: Product) -> None:
    _, lost = stored.archives()
    lost.write_bytes(b"rubbish")
    shutil.rmtree(stored.store.root / "snapshots")
    result = stored("build")
    assert (result.status, lost.name in result.out) == (1, True)
    assert len(stored.papers()) == 12


def test_run_heals_a_day_that_was_not_built(stored: Product) -> None:
    before = stored.files()
    shutil.rmtree(stored.store.root / "snapshots" / "hf-daily")
    stored("run", "--day", f"{DAY}", now=NOW + timedelta(hours=2))
    assert stored.files() == before


def test_a_day_that_was_fetched_while_it_was_built_ahead_is_built_again(
    stored: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_fetch_meanwhile(work: Callable[[Any], Any], items: Sequence[Any], _: object) -> Iterator[Any]:
        done = [work(item) for item in items]
        assert stored("run", "--day", f"{DAY}", now=NOW + timedelta(hours=5)).status in {0, 1}
        yield from done

    with monkeypatch.context() as patched:
        patched.setattr("dailypapers.ingest.build.parallel.in_order", with_a_fetch_meanwhile)
        assert stored("build", "--all").status in {0, 1}
    assert len(stored.certificate()["fetches"]) == len(stored.archives()) == 3
    assert stored("build", "--check").out == ""
