"""The documents say what is so."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from dailypapers.cli.main import COMMANDS, cli
from dailypapers.cron.jobs import load
from tests.cron.jobs import CHECK

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
LINES = [
    (page.name, line.strip())
    for page in PAGES
    for line in page.read_text().splitlines()
    if re.match(r"(    |\$ )dailypapers ", line)
]


def takes(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a command line to the CLI's own parser; raises click.UsageError where it is wrong."""
    # Paths in documents are examples.
    monkeypatch.setattr(click.Path, "convert", lambda self, value, *_: Path(value))
    context = cli.make_context("dailypapers", list(words))
    name, command, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    command.make_context(name, rest, parent=context)


@pytest.mark.parametrize(("page", "line"), LINES, ids=[line for _, line in LINES])
def test_command_lines_in_the_documents_are_taken(page: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    takes(shlex.split(line.removeprefix("$ "), comments=True)[1:], monkeypatch)


def test_a_wrong_command_line_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(click.UsageError):
        takes(["run", "--dya", "2025-12-08"], monkeypatch)


def test_cron_yaml_as_shipped_is_one_hourly_job_for_what_is_due() -> None:
    (job,) = load(ROOT / "cron.yaml", CHECK).jobs
    assert (job.run, job.times.describe()) == ("run", "At minute 17 of every hour")


def test_the_examples_in_cron_yaml_are_taken(tmp_path: Path) -> None:
    lines = (ROOT / "cron.yaml").read_text().splitlines()
    text = "\n".join(re.sub(r"^  # ", "  ", line) for line in lines if not re.match(r"  # [A-Z]", line))
    (tmp_path / "cron.yaml").write_text(text)
    jobs = load(tmp_path / "cron.yaml", CHECK).jobs
    assert [job.name for job in jobs] == ["hourly", "weekly", "mail", "site"]


def test_every_command_is_in_a_document() -> None:
    text = "".join(page.read_text() for page in PAGES)
    assert [name for name in COMMANDS if f"dailypapers {name}" not in text and f"`{name}`" not in text] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = [name for extra in project["project"]["optional-dependencies"].values() for name in extra]
    named = [*project["project"]["dependencies"], *extras, *project["build-system"]["requires"]]
    text = (ROOT / "docs" / "dependencies.md").read_text().casefold()
    packages = {re.split(r"[<>=\[ ]", name)[0].casefold() for name in named} - {"dailypapers"}
    assert [name for name in packages if name.removesuffix("4") not in text] == []


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page: lower case, without punctuation, blanks as hyphens."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_in_the_documents_lead_somewhere() -> None:
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text()):
            path = page.parent / target if target else page
            assert path.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in anchors(path), f"{page.name}: {target}#{anchor}"


def test_the_anchors_of_a_page_are_those_of_github(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# A `b`: the c-d, e\n```\n# no heading\n```\n## Kills, full disks\n")
    assert anchors(tmp_path / "page.md") == {"a-b-the-c-d-e", "kills-full-disks"}


def test_the_table_of_rooms_names_each_room() -> None:
    rooms = {path.parent.name for path in (ROOT / "dailypapers").glob("*/__init__.py")}
    named = re.findall(r"`(?:dailypapers)?\.(\w+)", (ROOT / "docs" / "architecture.md").read_text())
    assert rooms - set(named) == set()


def test_paths_of_the_project_in_the_documents_exist() -> None:
    paths = r"`((?:dailypapers|docs|ingest|parsers|snapshots|tests)/[\w./-]*\w)`"
    named = [(page.name, path) for page in PAGES for path in re.findall(paths, page.read_text())]
    # The lantern is the listing that docs/new-source.md adds.
    assert [(page, path) for page, path in named if not (ROOT / path).exists() and "lantern" not in path] == []


def test_tests_that_the_documents_name_exist() -> None:
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text())}
    code = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named
    assert [name for name in sorted(named) if f"def {name}(" not in code] == []
