"""Odd values of options and arguments: files without an end, links to themselves, numbers that no database holds."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.product import DAY, Product
from tests.support.written_days import paper, write_day

ROOT: Final = Path(__file__).parents[2]
OUTPUTS: Final = {
    "site --no-search": "site",
    "export": "export",
    "feed": "feeds",
    "mail --file mail.yaml preview": "preview",
}
"""Commands that fill a folder, and the folder of the store that they may fill."""
MAIL: Final = "from: p@lists.example\nbase_url: https://papers.example\nrelay: smtps://mail.example\n"


@pytest.fixture
def stored(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    """A store with one day; the working directory has a mail.yaml."""
    monkeypatch.chdir(tmp_path)
    Path("mail.yaml").write_text(MAIL)
    (product.store.root / "pages").mkdir(parents=True)
    write_day(product.store, [paper(number, upvotes=1) for number in (1, 2, 3)], day=DAY)
    return product


@pytest.mark.parametrize("command", [*OUTPUTS, "build --as-of 2025-12-12"])
def test_a_folder_that_is_a_link_to_itself_is_a_message(stored: Product, command: str) -> None:
    Path("loop").symlink_to("loop")
    result = stored(*command.split(), "--out", "loop")
    assert result.status in {2, 3}
    assert "loop: " in result.err


def test_a_link_to_itself_in_an_export_is_a_difference(stored: Product) -> None:
    assert stored("export", "--out", "out").status == 0
    Path("out/README.md").unlink()
    Path("out/README.md").symlink_to("README.md")
    result = stored("verify", "out")
    assert (result.status, "README.md" in result.out) == (1, True)


@pytest.mark.parametrize("command", OUTPUTS)
@pytest.mark.parametrize("folder", ["", "snapshots/new", "pages/new", "runs/new", "catalog/new", "..", "x/../pages/y"])
def test_no_output_is_written_among_the_files_of_the_store(stored: Product, command: str, folder: str) -> None:
    before = stored.files()
    result = stored(*command.split(), "--out", stored.store.root / folder)
    assert (result.status, "not in the store, nor around it" in result.err) == (2, True), result.err
    assert stored.files() == before


@pytest.mark.parametrize("command", OUTPUTS)
def test_a_folder_of_its_own_in_the_store_is_no_part_of_it(stored: Product, command: str) -> None:
    folder = stored.store.root / OUTPUTS[command]
    assert stored(*command.split(), "--out", folder).status == 0
    assert any(folder.iterdir())
    assert stored("build", "--check").err.startswith("1 day compared: 0 would change, 0 damaged")


@pytest.mark.parametrize(
    "words", ["feed --file /dev/zero", "mail --file /dev/zero send", "cron --file /dev/zero next", "cron next"]
)
def test_a_configuration_without_an_end_is_refused(stored: Product, words: str) -> None:
    Path("cron.yaml").symlink_to("/dev/zero")
    result = stored(*words.split())
    assert (result.status, "more than 131072 bytes" in result.err) == (2, True)


@pytest.mark.parametrize("words", ["run", "backfill hf-daily --since 2025-12-10"])
@pytest.mark.parametrize("seconds", ["nan", "NaN", "-nan", "inf", "-1", "1e400"])
def test_a_wait_must_be_a_number_of_seconds(stored: Product, words: str, seconds: str) -> None:
    result = stored(*words.split(), f"--max-wait={seconds}")
    assert (result.status, "Invalid value for '--max-wait'" in result.err) == (2, True)


@pytest.mark.parametrize(
    "words", ["papers --limit", "papers --min-upvotes", "search x --limit", "mail outbox --retry", "cron next -n"]
)
def test_a_number_that_no_database_holds_is_wrong_usage(stored: Product, words: str) -> None:
    assert stored(*words.split(), "9" * 30).status == 2


@pytest.mark.parametrize("words", ["mail -- --log-format json", "cron -- --json", "-- --json", "mail -- x", "-- -- --"])
def test_an_option_is_no_command(stored: Product, words: str) -> None:
    result = stored(*words.split())
    assert (result.status, "No such command" in result.err) == (2, True), result.err


@pytest.mark.parametrize("path", ["/", "//", "/../", "root"])
def test_the_whole_machine_is_not_imported(stored: Product, path: str) -> None:
    Path("root").symlink_to("/")
    result = stored("import", "hf-daily", path)
    assert (result.status, "name the files or folders of pages" in result.err) == (2, True)


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="needs /proc of Linux")
def test_files_of_the_kernel_without_an_end_are_not_read(stored: Product) -> None:
    result = stored("import", "hf-daily", "/proc/self/pagemap", "--day", f"{DAY}")
    assert (result.status, "pagemap: the file is empty" in result.err) == (3, True)


@pytest.mark.parametrize("words", ["papers", "search x", "show 2512.00001", "query SELECT+1", "history 2512.00001"])
def test_a_disk_that_refuses_the_catalog_is_a_message(stored: Product, words: str) -> None:
    before = stored.files()
    command = [sys.executable, "-m", "dailypapers", "--store", str(stored.store.root), *words.split()]

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit_files)
    assert (done.returncode, "catalog.sqlite: disk I/O error; fix it" in done.stderr) == (3, True), done.stderr
    left = {name: content for name, content in stored.files().items() if not name.startswith("catalog/")}
    assert left == before
    assert stored(*words.split()).status in {0, 3}
