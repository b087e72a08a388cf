"""Numbers for Prometheus, read back by its own parser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.papersite import PaperSite, switches
from tests.product import DAY, NOW, Product

ROOT = Path(__file__).parents[2]
Labels = frozenset[tuple[str, str]]


def numbers(path: Path) -> dict[tuple[str, Labels], float]:
    """Each sample by its name and labels, without `dailypapers_`."""
    families = text_string_to_metric_families(path.read_text())
    samples = [sample for family in families for sample in family.samples]
    return {(one.name.removeprefix("dailypapers_"), frozenset(one.labels.items())): one.value for one in samples}


def labels(**given: str) -> Labels:
    return frozenset(given.items())


DAILY = {"source": "hf-daily", "query": ""}


def test_a_run_writes_what_it_did_and_how_the_store_stands(product: Product, site: PaperSite, tmp_path: Path) -> None:
    site.switches.append(switches.bad_item("/api/"))
    product("run", "--day", f"{DAY}", "--metrics-file", tmp_path / "dailypapers.prom")
    found = numbers(tmp_path / "dailypapers.prom")
    daily, ours = labels(**DAILY), labels(command="run")
    assert found["last_success_timestamp_seconds", daily] == found["last_fetch_timestamp_seconds", daily]
    assert found["last_success_timestamp_seconds", daily] == NOW.timestamp()
    assert (found["papers", daily], found["rejects", daily]) == (12, 1)
    assert found["days", labels(**DAILY, state="settling")] == 1
    assert found["days", labels(**DAILY, state="partial")] == 0
    assert found["troubles", labels(**DAILY, kind="late")] == 0
    assert (found["run_exit_status", ours], found["run_new_papers", ours]) == (0, 12)
    assert found["run_duration_seconds", ours] > 0
    assert found["run_requests", labels(command="run", site=site.url, status="200")] == len(site.log)
    assert found["run_received_bytes", labels(command="run", site=site.url)] > 1000
    told = (ROOT / "docs" / "monitoring.md").read_text()
    assert [name for name, _ in found if f"`{name}`" not in told] == []
    assert [path.name for path in tmp_path.glob("dailypapers.prom*")] == ["dailypapers.prom"]


def test_partial_days_lateness_and_troubles_are_numbers(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "--day", f"{DAY}")
    site.switches.append(switches.down("/api/"))
    product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=1))
    for after, late in ((2, 0), (3 * 24, 1)):
        product("status", "--metrics-file", tmp_path / "a.prom", now=NOW + timedelta(hours=after))
        found = numbers(tmp_path / "a.prom")
        assert found["days", labels(**DAILY, state="partial")] == 1
        assert found["troubles", labels(**DAILY, kind="late")] == late
        assert found["last_fetch_timestamp_seconds", labels(**DAILY)] == (NOW + timedelta(hours=1)).timestamp()
        assert found["last_success_timestamp_seconds", labels(**DAILY)] == NOW.timestamp()
    assert found["late_seconds", labels(**DAILY)] == 70 * 3600


def test_a_run_that_fails_is_in_the_numbers(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("DAILYPAPERS_METRICS_FILE", str(tmp_path / "a.prom"))
    assert product("run").status == 3
    found = numbers(tmp_path / "a.prom")
    assert found["run_exit_status", labels(command="run")] == 3
    assert found["run_requests", labels(command="run", site="http://127.0.0.1:9", status="fault")] == 4
    assert found["papers", labels(**DAILY)] == 0


def test_words_of_a_search_are_a_label(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "hf-search", "--query", 'a "quoted" \\ word', "--metrics-file", tmp_path / "a.prom")
    assert ("papers", labels(source="hf-search", query='a "quoted" \\ word')) in numbers(tmp_path / "a.prom")


def test_each_command_has_its_newest_run(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run")
    product("backfill", "hf-daily", "--since", f"{DAY}", "--until", f"{DAY}")
    product("run", now=NOW + timedelta(hours=2))
    product("status", "--metrics-file", tmp_path / "a.prom", now=NOW + timedelta(hours=2))
    found = numbers(tmp_path / "a.prom")
    starts = {
        dict(given)["command"]: at for (name, given), at in found.items() if name == "run_start_timestamp_seconds"
    }
    assert starts == {"run": (NOW + timedelta(hours=2)).timestamp(), "backfill": NOW.timestamp()}


def test_a_file_that_cannot_be_written_needs_attention(product: Product, site: PaperSite, tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(b"a file where a folder should be")
    result = product("run", "--metrics-file", tmp_path / "folder" / "a.prom")
    assert (result.status, "the metrics cannot be written" in result.err) == (1, True)
    assert product.archives(NOW.date())


@pytest.mark.parametrize(("missing", "name"), [(True, "a.prom"), (False, "a.txt")])
def test_what_would_be_in_vain_is_refused_before_the_work(
    product: Product, site: PaperSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: bool, name: str
) -> None:
    if missing:
        monkeypatch.setattr("dailypapers.cli.options.find_spec", lambda _: None)
    result = product("run", "--metrics-file", tmp_path / name)
    said = "pip install 'dailypapers[metrics]'" if missing else "whose name ends in .prom"
    assert (result.status, said in result.err, site.log) == (2, True, [])
