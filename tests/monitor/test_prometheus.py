"""Numbers for Prometheus, read back by its own parser."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sysconfig
import tomllib
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
    assert found["day_states", labels(**DAILY, state="settling")] == 1
    assert found["day_states", labels(**DAILY, state="partial")] == 0
    assert found["problems", labels(**DAILY, kind="late")] == 0
    assert (found["run_exit_status", ours], found["run_new_papers", ours]) == (0, 12)
    assert found["run_duration_seconds", ours] > 0
    assert found["run_requests", labels(command="run", site=site.url, status="200")] == len(site.log)
    of_site = labels(command="run", site=site.url)
    assert found["run_received_bytes", of_site] > 1000
    assert (found["run_retries", of_site], found["run_attention", ours]) == (0, 0)
    assert found["run_start_timestamp_seconds", ours] == found["run_end_timestamp_seconds", ours] == NOW.timestamp()
    assert found["run_waited_seconds", of_site] >= 0
    assert found["run_peak_memory_bytes", ours] > 10_000_000
    page = (ROOT / "docs" / "monitoring.md").read_text()
    assert [name for name, _ in found if f"`{name}`" not in page] == []
    assert [path.name for path in tmp_path.glob("dailypapers.prom*")] == ["dailypapers.prom"]


def test_partial_days_lateness_and_troubles_are_numbers(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "--day", f"{DAY}")
    site.switches.append(switches.down("/api/"))
    product("run", "--day", f"{DAY}", now=NOW + timedelta(hours=1))
    for after, late in ((2, 0), (3 * 24, 1)):
        product("status", "--metrics-file", tmp_path / "a.prom", now=NOW + timedelta(hours=after))
        found = numbers(tmp_path / "a.prom")
        assert found["day_states", labels(**DAILY, state="partial")] == 1
        assert found["problems", labels(**DAILY, kind="late")] == late
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


def test_each_metric_says_what_it_is(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "--day", f"{DAY}", "--metrics-file", tmp_path / "a.prom")
    families = text_string_to_metric_families((tmp_path / "a.prom").read_text())
    found = {family.name.removeprefix("dailypapers_"): family.documentation for family in families}
    assert found == {
        "last_success_timestamp_seconds": "Time of the newest whole fetch of a listing.",
        "last_fetch_timestamp_seconds": "Time of the newest fetch, whole or in doubt.",
        "late_seconds": "How long a fetch of a listing has been due.",
        "papers": "Papers of all days.",
        "rejects": "Rejected items of all days.",
        "day_states": "Number of days in each state.",
        "problems": "Problems that need a human now.",
        "run_start_timestamp_seconds": "Start of the newest finished run.",
        "run_end_timestamp_seconds": "End of the newest finished run.",
        "run_duration_seconds": "Duration of the newest finished run.",
        "run_exit_status": "Exit status of the newest finished run.",
        "run_new_papers": "New papers of the newest finished run.",
        "run_attention": "Number of days that failed or need attention, of those of the newest finished run.",
        "run_peak_memory_bytes": "Peak memory of the newest finished run.",
        "run_requests": "Requests, by HTTP status (fault: no answer), of the newest finished run.",
        "run_received_bytes": "Bytes of the bodies received, as sent, of the newest finished run.",
        "run_retries": "Retries among the requests of the newest finished run.",
        "run_waited_seconds": "Time spent waiting for the budget, for a backoff and before retries, in seconds, of the "
        "newest finished run.",
    }


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


def test_another_suffix_is_refused_before_the_work(product: Product, site: PaperSite, tmp_path: Path) -> None:
    result = product("run", "--metrics-file", tmp_path / "a.txt")
    assert (result.status, "whose name ends in .prom" in result.err, site.log) == (2, True, [])


def test_without_the_package_the_error_has_the_command_that_installs_it(
    product: Product, site: PaperSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dailypapers.cli.options.find_spec", lambda _: None)
    result = product("run", "--metrics-file", tmp_path / "a.prom")
    assert (result.status, site.log) == (2, [])
    *pip, action, package = shlex.split(result.err.strip().partition("install it with: ")[2])
    metrics = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["metrics"]
    assert (action, [package]) == ("install", [re.split("[<>=]", requirement)[0] for requirement in metrics])
    # The pip named is that of the environment in which the package was missing.
    shown = subprocess.run([*pip, "--version"], capture_output=True, text=True, check=True, timeout=300).stdout
    assert sysconfig.get_path("purelib") in shown


NOT_A_GAUGE = ("_total", "_count", "_sum", "_bucket", "_info")
WORDS_OF_OTHER_UNITS = {
    "milliseconds",
    "minutes",
    "hours",
    "days",
    "weeks",
    "kilobytes",
    "megabytes",
    "bits",
    "percent",
}
ABBREVIATED_UNITS = {"s", "ms", "sec", "min", "h", "d", "b", "kb", "mb"}
TYPES = {"gauge", "counter", "histogram", "summary", "untyped"}


def mistakes_in_name(name: str) -> list[str]:
    """What `promtool check metrics` would find in the name of a gauge."""
    words = set(name.split("_"))
    return [
        *(suffix for suffix in NOT_A_GAUGE if name.endswith(suffix)),
        *words.intersection(WORDS_OF_OTHER_UNITS | ABBREVIATED_UNITS | TYPES),
        *(["capitals"] if name != name.lower() else []),
    ]


def test_names_and_types_are_as_promtool_wants_them(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "--day", f"{DAY}", "--metrics-file", tmp_path / "a.prom")
    families = list(text_string_to_metric_families((tmp_path / "a.prom").read_text()))
    assert len(families) == 18
    for family in families:
        assert (family.type, bool(family.documentation), mistakes_in_name(family.name)) == ("gauge", True, [])


@pytest.mark.parametrize("name", ["a_days", "a_attention_days", "a_total", "a_gauge_x", "a_ms", "aB"])
def test_a_wrong_name_would_be_noticed(name: str) -> None:
    assert mistakes_in_name(name)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus")
def test_promtool_has_nothing_to_say(product: Product, site: PaperSite, tmp_path: Path) -> None:
    product("run", "--day", f"{DAY}", "--metrics-file", tmp_path / "a.prom")
    with (tmp_path / "a.prom").open() as metrics:
        command = ["promtool", "check", "metrics"]
        checked = subprocess.run(command, stdin=metrics, capture_output=True, text=True, check=False, timeout=300)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
