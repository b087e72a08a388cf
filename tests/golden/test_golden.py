"""Every output of two stores is what it was: what a change alters in them is to be looked at, and then accepted.

`pytest --update-snapshots tests/golden` accepts it. With DAILYPAPERS_GOLDEN_OUT=DIR the outputs themselves are written
to DIR, for `diff -r` with those of another tree.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.demo import FETCHES, MONDAY, week
from tests.golden.outputs import CRON, MAIL, ZONED, Outputs
from tests.papersite import Moving, switches
from tests.papersite.arxiv.announcements import Sizes
from tests.papersite.arxiv.site import ArxivSite

Groups = dict[str, dict[str, str]]
GOLDEN = Path(__file__).with_name("golden.json")
QUERIES = {
    "papers": "SELECT * FROM paper ORDER BY 1",
    "listings": "SELECT * FROM listings ORDER BY 1, 2, 3, 4",
    "alias": "SELECT * FROM alias ORDER BY 1, 2",
}
TIMES = (datetime(2025, 12, 10, 18, tzinfo=UTC), datetime(2025, 12, 12, 15, tzinfo=UTC))
LAST = datetime(2025, 12, 18, 9, tzinfo=UTC)


def demo(made: Outputs) -> None:
    """The store of `make demo`."""
    with week() as site:
        for number, fetch in enumerate(FETCHES):
            site.now, site.switches[:] = fetch.now, list(fetch.faults)
            made.run(fetch.now, "run", "hf-daily", "--since", f"{MONDAY}", name=f"run_{number}")
            made.run(fetch.now, "status", "hf-daily", "--since", f"{MONDAY}", name=f"status_{number}")
    look(made, FETCHES[1].now, FETCHES[-1].now)
    made.helps()


def many_sources(made: Outputs) -> None:
    """Listings of several periods, a search and arXiv, with papers that come late, move and go, and broken items."""
    script = Moving(seed=7, sizes=9, late=0.1, moved=0.1, removed=0.1)
    sizes = {date(2025, 12, day): Sizes(9, 4, 2) for day in (10, 12, 18)}
    with ArxivSite(script=script, sizes=sizes, now=TIMES[0]) as site:
        os.environ["HF_ENDPOINT"] = site.url
        for number, now in enumerate((*TIMES, LAST)):
            broken = [switches.bad_item("/api/daily_papers"), switches.id_as_number("/papers/date", 2)]
            site.now, site.switches[:] = now, broken if now == TIMES[1] else []
            arxiv = ("--endpoint", f"arxiv={site.url}")
            for words in (
                ("hf-daily", "--since", "2025-12-08"),
                ("hf-weekly", "hf-trending"),
                ("hf-search", "--query", "language models"),
                ("arxiv-new", "--query", "cs.LG", *arxiv),
                ("arxiv-api", "--for", "hf-daily", *arxiv),
            ):
                made.run(now, "run", *words, name=f"run_{number}_{words[0]}")
        made.run(LAST, "run", "arxiv-oai", "--day", "2025-12-12", *arxiv, name="run_arxiv-oai")
    look(made, TIMES[1], LAST)


@pytest.mark.parametrize("fill", [demo, many_sources])
def test_every_output_is_what_it_was(
    fill: Callable[[Outputs], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    update_snapshots: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("HF_ENDPOINT", "set by the sites")
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR", "HF_TOKEN", "DAILYPAPERS_CONTACT", "DAILYPAPERS_BUDGET", "TZ"):
        monkeypatch.delenv(variable, raising=False)
    for name, text in {"mail.yaml": MAIL, "cron.yaml": CRON, "zoned.yaml": CRON + ZONED}.items():
        (tmp_path / name).write_text(text)
    made = Outputs(tmp_path, capsys)
    fill(made)
    if out := os.environ.get("DAILYPAPERS_GOLDEN_OUT"):
        write(Path(out) / fill.__name__, made.texts)
    found = grouped(made.texts)
    golden = json.loads(GOLDEN.read_bytes()) if GOLDEN.exists() else {}
    if update_snapshots:
        golden[fill.__name__] = found
        GOLDEN.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
    assert changed(golden.get(fill.__name__, {}), found) == [], "see the docstring of this file"


def look(made: Outputs, before: datetime, now: datetime) -> None:
    """Note the store and everything that commands make of it."""
    made.files("store", made.store, "snapshots/**/*.json*", "*.txt")
    answer(made, before, now)
    publish(made, now)


def answer(made: Outputs, before: datetime, now: datetime) -> None:
    as_of = ("--as-of", before.isoformat())
    keys = sorted(paper["key"] for paper in json.loads(made.run(now, "papers", "--limit", "999", "--json"))["papers"])
    for form in ((), ("--json",)):
        for words in (
            *(("papers", *more) for more in (("--sort", "rising"), ("--sort", "upvotes"), as_of, ("--since", "start"))),
            *(("search", *more) for more in (("model*",), ("models", *as_of))),
            *((command, key) for command in ("show", "history") for key in (keys[0], keys[len(keys) // 2], keys[-1])),
            *((command, keys[0], *as_of) for command in ("show", "history")),
            ("show", keys[0], "--sources"),
            *((command,) for command in ("status", "sources", "rejects", "drift", "schema")),
        ):
            made.run(now, *words, *form)
        for name, sql in QUERIES.items():
            made.run(now, "query", sql, *form, name="_".join(("query", name, *form)))
        made.run(now, "query", QUERIES["papers"], *as_of, *form, name="_".join(("query_as_of", *form)))


def publish(made: Outputs, now: datetime) -> None:
    for name, words in {
        "site": ("site", "--no-search", "--base-url", "https://papers.example.org/", "--out"),
        "feeds": ("feed", "--format", "all", "--base-url", "https://papers.example.org/", "--out"),
        "export": ("export", "--jobs", "1", "--out"),
        "mail": ("mail", "preview", "--out"),
        "as-of": ("build", "--jobs", "1", "--as-of", now.isoformat(), "--out"),
    }.items():
        made.run(now, *words, made.folder / name)
        made.files(name, made.folder / name)
    for form in ("atom", "rss", "json"):
        made.run(now, "feed", "hf-daily", "--format", form)
    made.run(now, "cron", "export", "crontab")
    for words in (("export", "systemd"), ("export", "kubernetes"), ("list",), ("next",), ("schema",), ("check",)):
        made.run(now, "cron", "--file", "zoned.yaml", *words)
    made.run(now, "build", "--check", "--jobs", "1")
    metrics = made.folder / "metrics" / "dailypapers.prom"
    metrics.parent.mkdir()
    made.run(now, "status", "--metrics-file", metrics)
    made.files("metrics", metrics.parent)


def grouped(texts: dict[str, str]) -> Groups:
    """A hash of each output, by the first part of its name."""
    found: Groups = {}
    for name, text in sorted(texts.items()):
        group, _, rest = name.partition("/")
        found.setdefault(group, {})[rest] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return found


def changed(golden: Groups, found: Groups) -> list[str]:
    """The names of the outputs that are new, gone or different."""
    groups = [(group, golden.get(group, {}), found.get(group, {})) for group in sorted(golden | found)]
    return [
        f"{group}/{name}" for group, was, now in groups for name in sorted(was | now) if was.get(name) != now.get(name)
    ]


def write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", "surrogatepass", newline="")
