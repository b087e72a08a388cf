"""`dailypapers.open(URL)` reads a mirror in place, as the same store in a folder is read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import dailypapers
from dailypapers.errors import DayNotBuilt, PaperNotFound, StoreError, StoreNotFound
from tests.product import DAY, NOW, Product
from tests.support.s3_server import SECRET, S3Server

WORDS = "diffusion models"


@pytest.fixture(params=["s3", "memory", "file"])
def opened(
    filled: Product, s3: S3Server, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> tuple[dailypapers.PaperStore, dailypapers.PaperStore]:
    """A store in a folder, and its mirror."""
    place = url if request.param == "s3" else f"{request.param}://{tmp_path}/mirror"
    assert filled("push", place).status == 0
    return dailypapers.open(filled.store.root, now=NOW), dailypapers.open(place, now=NOW)


def test_series_days_and_papers_are_those_of_the_store(
    opened: tuple[dailypapers.PaperStore, dailypapers.PaperStore],
) -> None:
    here, there = opened
    assert there.series() == here.series()
    assert [series.query for series in there.series()] == [None, WORDS]
    for source, query in (("hf-daily", None), ("hf-search", WORDS)):
        days = list(here.days(source, query=query))
        assert days
        found = list(there.days(source, query=query))
        assert [(day.day, day.state, day.reason, day.certificate) for day in found] == [
            (day.day, day.state, day.reason, day.certificate) for day in days
        ]
        assert list(there.papers(source, query=query)) == list(here.papers(source, query=query))
    middle = DAY - timedelta(days=1)
    assert list(there.papers("hf-daily", since=middle, until=middle)) == list(
        here.papers("hf-daily", since=middle, until=middle)
    )


def test_a_day_and_the_history_of_a_paper_are_those_of_the_store(
    opened: tuple[dailypapers.PaperStore, dailypapers.PaperStore],
) -> None:
    here, there = opened
    day = there.day("hf-daily", DAY)
    papers = list(day.papers())
    assert papers == list(here.day("hf-daily", DAY).papers())
    assert list(day.metrics()) == list(here.day("hf-daily", DAY).metrics())
    assert list(there.history(papers[0].key)) == list(here.history(papers[0].key))
    with pytest.raises(PaperNotFound):
        next(there.history("arxiv:0000.00000"))
    with pytest.raises(DayNotBuilt):
        there.day("hf-daily", "2024-01-01")


def test_what_was_pushed_since_is_seen(filled: Product, s3: S3Server, url: str) -> None:
    filled("push", url)
    store = dailypapers.open(url, now=NOW)
    days = [day.day for day in store.days("hf-daily")]
    for path in filled.store.certificate(dailypapers.Series("hf-daily"), DAY).parent.glob(f"{DAY}.*"):
        name = path.name.replace(f"{DAY}", "2025-12-05")
        s3.put(f"{url.rpartition('/')[2]}/snapshots/hf-daily/2025/{name}", path.read_bytes())
    assert len(list(store.days("hf-daily"))) == len(days) + 1


CATALOG: list[Callable[[dailypapers.PaperStore], object]] = [
    lambda store: store.find(),
    lambda store: store.search("diffusion"),
    lambda store: store.paper("arxiv:2408.00118"),
    lambda store: store.arrivals(),
    lambda store: store.query("SELECT 1"),
    lambda store: store.join("arxiv:2408.00118", "arxiv:2408.00119"),
    lambda store: list(store.history("arxiv:2408.00118", as_of=NOW)),
    lambda store: store.find(as_of=NOW),
]


@pytest.mark.parametrize("call", CATALOG)
def test_what_needs_the_catalog_says_how_to_have_one(
    filled: Product, tmp_path: Path, call: Callable[[dailypapers.PaperStore], object]
) -> None:
    place = f"memory://{tmp_path}/mirror"
    filled("push", place)
    with pytest.raises(
        StoreError, match="has no catalog, and is only read; make a copy that has one: dailypapers --st"
    ):
        call(dailypapers.open(place))


def test_a_url_without_a_store_or_a_bucket_is_not_found(s3: S3Server, url: str) -> None:
    for place in (url, "s3://no-such-bucket/papers"):
        with pytest.raises(StoreNotFound, match=f"no store at {place}"):
            dailypapers.open(place)


def test_a_url_that_cannot_be_used_is_an_error_without_secrets(s3: S3Server) -> None:
    with pytest.raises(StoreError, match="credentials do not belong in a URL"):
        dailypapers.open("s3://key:topsecret@bucket/papers")
    with pytest.raises(StoreError, match="not the URL of a mirror"):
        dailypapers.open("https://example.org/papers")
    # In a process of its own: fsspec remembers the endpoint of a process.
    broken = {"AWS_ENDPOINT_URL": "http://user:topsecret@127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"}
    code = "import dailypapers; dailypapers.open('s3://bucket/elsewhere')"
    environment = {**os.environ, **s3.environment, **broken}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    (message,) = [
        line for line in done.stderr.splitlines() if line.startswith("dailypapers.snapshots.errors.StoreError: ")
    ]
    assert "s3://bucket/elsewhere: cannot be read" in message
    assert "topsecret" not in message
    assert SECRET not in message


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailypapers.url_store.find_spec", lambda _: None)
    with pytest.raises(StoreError, match=r"pip install 'dailypapers\[remote\]'"):
        dailypapers.open("s3://bucket/papers")


def test_a_folder_loads_nothing_of_it(filled: Product) -> None:
    code = f"import sys, dailypapers; list(dailypapers.open({str(filled.store.root)!r}).days('hf-daily')); "
    code += "print({'fsspec', 'upath', 's3fs', 'boto3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
