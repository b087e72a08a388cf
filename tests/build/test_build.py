"""`dailypapers build`: the day is a pure function of archive and parser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.papersite import PaperSite, switches
from tests.product import BUSY, DAY, NOW, SERIES, Product
from tests.support.changed_parsers import set_version


@pytest.fixture
def held(product: Product, site: PaperSite) -> Product:
    """A store with two days of two fetches each, one of them with rejects."""
    site.switches.append(switches.bad_item(f"/api/daily_papers?date={DAY}"))
    for hours in (0, 2):
        product("run", "--since", f"{BUSY}", "--until", f"{DAY}", now=NOW + timedelta(hours=hours))
    return product


def test_snapshots_come_back_to_the_byte(held: Product) -> None:
    before = held.files()
    shutil.rmtree(held.store.root / "snapshots")
    assert held("build").status == 0
    assert held.files() == before


def test_nothing_to_do_is_said(held: Product) -> None:
    result = held("build")
    assert (result.status, result.out) == (0, "")
    assert "every day is up to date" in result.err


@pytest.mark.parametrize("suffix", [".jsonl", ".day.json"])
def test_a_lost_file_is_built_again(held: Product, suffix: str) -> None:
    before = held.files()
    (held.store.papers(SERIES, DAY).with_name(f"{DAY}{suffix}")).unlink()
    assert held("build").out.startswith(f"hf-daily {DAY}")
    assert held.files() == before


def test_a_certificate_that_is_rubbish_is_made_anew(held: Product) -> None:
    before = held.files()
    held.store.certificate(SERIES, DAY).write_bytes(b"rubbish")
    assert held("build").status == 0
    assert held.files() == before


def test_another_parser_version_builds_every_day(held: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    set_version(monkeypatch, "hf_api", 99)
    assert len(held("build").out.splitlines()) == 3
    assert held.certificate()["parsers"]["hf_api"] == 99


def test_all_and_range(held: Product) -> None:
    result = held("build", "--all", "--since", "2025-12-09", "--until", "2025-12-09")
    assert result.out == "hf-daily 2025-12-09: 18 papers (18 same); api 18; html 18; settling\n"


def test_a_damaged_archive_is_named_and_the_day_stays(held: Product) -> None:
    first, second = held.archives()
    second.write_bytes(second.read_bytes()[:-40])
    before = held.files()
    result = held("build", "--all")
    assert result.status == 1
    assert second.name in result.err
    assert "2 of them failed" not in result.err
    assert held.files() == before
    assert first.exists()


def test_loss_can_be_accepted_and_is_said(held: Product) -> None:
    kept, lost = held.archives()
    lost.unlink()
    assert held("build").status == 1
    result = held("build", "--accept-loss", "--since", f"{DAY}")
    assert (result.status, lost.name in result.out) == (1, True)
    assert held.certificate()["lost"] == [lost.name]
    assert [fetch["file"] for fetch in held.certificate()["fetches"]] == [kept.name]
    assert held("build").out == ""


def test_a_day_without_any_whole_archive_is_fetched_anew_as_the_message_says(held: Product) -> None:
    for path in held.archives():
        path.write_bytes(b"rubbish")
    said = held("build", "--accept-loss", "--since", f"{DAY}").err
    certificate = held.store.certificate(SERIES, DAY)
    assert f"remove it and {certificate}, and dailypapers run hf-daily --day {DAY} fetches the day anew" in said
    assert "--accept-loss" not in said
    for path in (certificate, *held.archives()):
        path.unlink()
    assert held("run", "--day", f"{DAY}").status == 0
    assert len(held.papers()) == 12


def test_a_damaged_file_without_certificate_counts_as_lost(held: Product) -> None:
    _, lost = held.archives()
    lost.write_bytes(b"rubbish")
    shutil.rmtree(held.store.root / "snapshots")
    result = held("build")
    assert (result.status, lost.name in result.out) == (1, True)
    assert len(held.papers()) == 12


def test_run_heals_a_day_that_was_not_built(held: Product) -> None:
    before = held.files()
    shutil.rmtree(held.store.root / "snapshots" / "hf-daily")
    held("run", "--day", f"{DAY}", now=NOW + timedelta(hours=2))
    assert held.files() == before


def test_a_day_that_was_fetched_while_it_was_built_ahead_is_built_again(
    held: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_fetch_meanwhile(work: Callable[[Any], Any], items: Sequence[Any], _: int | None) -> Iterator[Any]:
        done = [work(item) for item in items]
        assert held("run", "--day", f"{DAY}", now=NOW + timedelta(hours=5)).status in {0, 1}
        yield from done

    with monkeypatch.context() as patched:
        patched.setattr("ingest.build.parallel.in_order", with_a_fetch_meanwhile)
        assert held("build", "--all").status in {0, 1}
    assert len(held.certificate()["fetches"]) == len(held.archives()) == 3
    assert held("build", "--check").out == ""
