"""The shape of the code: the contracts in pyproject.toml can fail, and what they cannot express is checked here."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

import pytest

import dailypapers
from dailypapers import parsers, snapshots

ROOT = Path(__file__).parent.parent
PACKAGES = ("dailypapers", "ingest", "parsers", "snapshots")
NETWORK = {"http.client", "requests", "socket", "ssl", "urllib.request"}
VAGUE_NAMES = {"common", "helpers", "manager", "misc", "utils"}


@dataclass(frozen=True)
class Module:
    name: str
    path: Path

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.path.read_text("utf-8"))))

    @property
    def imports(self) -> set[str]:
        """The dotted names that the module imports, also inside functions."""
        names: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                source = self._source(node)
                names |= {source} | {f"{source}.{alias.name}" for alias in node.names}
        return names

    def _source(self, node: ast.ImportFrom) -> str:
        """The module that a `from` names, with its dots resolved."""
        package = self.name.split(".") if self.path.name == "__init__.py" else self.name.split(".")[:-1]
        base = package[: len(package) - node.level + 1] if node.level else []
        return ".".join([*base, *([node.module] if node.module else [])])

    @property
    def names(self) -> set[str]:
        return {node.id for node in self.nodes if isinstance(node, ast.Name)}

    @property
    def called_methods(self) -> set[str]:
        calls = [node.func for node in self.nodes if isinstance(node, ast.Call)]
        return {call.attr for call in calls if isinstance(call, ast.Attribute)}


def modules(folder: str) -> Iterator[Module]:
    """The modules of a folder at the top level; those that the package links to have its name before theirs."""
    package = "" if folder == "dailypapers" else "dailypapers."
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "dailypapers" not in folder or not set(path.relative_to(ROOT).parts) & set(PACKAGES[1:]):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield Module(f"{package}{name}", path)


ALL = [module for package in PACKAGES for module in modules(package)]
BY_NAME = {module.name: module for module in ALL}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts on a tree, as `make check` does."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache", "--no-logo"], cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages and of the contracts."""
    root = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_the_import_contracts_are_kept(tree: Path) -> None:
    result = lint_imports(tree)
    assert result.returncode == 0, result.stdout


PLANTED = {
    "upward": ("dailypapers.parsers.text", "import dailypapers.snapshots.merge", "dailypapers.snapshots.merge"),
    "upward inside a package": (
        "dailypapers.ingest.plan.due",
        "import dailypapers.ingest.pipeline",
        "dailypapers.ingest.pipeline",
    ),
    "sideways": (
        "dailypapers.ingest.build.day",
        "from dailypapers.ingest.fetch import budgets",
        "dailypapers.ingest.fetch.budgets",
    ),
    "inside a function": (
        "dailypapers.snapshots.writer",
        "def later():\n    import dailypapers.ingest.clock",
        "dailypapers.ingest.clock",
    ),
    "for type checkers": (
        "dailypapers.ingest.runs.report",
        "if TYPE_CHECKING:\n    import dailypapers.ingest.pipeline",
        "dailypapers.ingest.pipeline",
    ),
    "by the interface": ("dailypapers.store", "import dailypapers.cli.main", "dailypapers.cli.main"),
    "of a feature by another": ("dailypapers.feeds.rss", "import dailypapers.site.names", "dailypapers.site.names"),
    "of a feature by the command line": (
        "dailypapers.cli.output",
        "import dailypapers.feeds.rss",
        "dailypapers.feeds.rss",
    ),
    "of a cluster": ("dailypapers.ingest.build.parallel", "import distributed", "distributed"),
    "of the network": ("dailypapers.ingest.archive.reader", "import httpx", "httpx"),
    "of Parquet": ("dailypapers.outputs.folder", "import pyarrow", "pyarrow"),
    "of an event loop": ("dailypapers.mcp.days", "import asyncio", "asyncio"),
    "of a mail connection": ("dailypapers.digest.message", "import smtplib", "smtplib"),
    "of a web server": ("dailypapers.digest.signup", "import wsgiref.simple_server", "wsgiref"),
    "of a file by a parser": ("dailypapers.parsers.hf.item", "from pathlib import Path", "pathlib"),
}


@pytest.mark.parametrize(("importer", "statement", "imported"), PLANTED.values(), ids=PLANTED)
def test_a_forbidden_import_breaks_a_contract(tree: Path, importer: str, statement: str, imported: str) -> None:
    path = tree / BY_NAME[importer].path.relative_to(ROOT)
    original = path.read_text("utf-8")
    path.write_text(f"{original}\n{statement}\n", "utf-8")
    try:
        result = lint_imports(tree)
    finally:
        path.write_text(original, "utf-8")
    assert result.returncode == 1
    assert f"{importer} -> {imported}" in result.stdout


def test_a_new_folder_needs_a_place_in_a_contract(tree: Path) -> None:
    folder = tree / "ingest" / "cellar"
    folder.mkdir()
    (folder / "__init__.py").touch()
    try:
        result = lint_imports(tree)
    finally:
        shutil.rmtree(folder)
    assert result.returncode == 1
    assert "cellar" in result.stdout


def test_only_the_client_imports_network_modules_of_the_standard_library() -> None:
    importers = {module.name for module in ALL if module.imports & NETWORK}
    # A mail relay is asked for its certificate.
    assert importers <= {"dailypapers.ingest.fetch.client", "dailypapers.digest.smtp"}


@pytest.mark.parametrize("module", list(modules("parsers")), ids=lambda module: module.name)
def test_a_parser_opens_no_file_and_reads_no_clock(module: Module) -> None:
    assert not module.called_methods & {"now", "open", "read_bytes", "read_text", "today", "utcnow"}
    assert not module.names & {"input", "open", "print"}


def test_only_the_command_line_prints() -> None:
    printing = {module.name for module in ALL if "print" in module.names or module.called_methods & {"echo", "secho"}}
    rooms = {"cli", "commands", "reading"}
    commands = {"commands", "jobs_file", "run", "send", "subscribe", "verify"}
    assert {
        name for name in printing if name.split(".")[1] not in rooms and name.split(".")[-1] not in commands
    } == set()


@pytest.mark.parametrize("package", [parsers, snapshots])
def test_a_package_offers_the_names_in_its_all(package: ModuleType) -> None:
    assert len(package.__all__) > 5
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        package.nothing  # noqa: B018


def test_every_module_can_be_imported_alone() -> None:
    for module in pkgutil.walk_packages(dailypapers.__path__, "dailypapers."):
        importlib.import_module(module.name)


BROAD_EXCEPTS = {
    "dailypapers.__main__.main": "top of the process, before its modules are loaded",
    "dailypapers.cli.main.main": "top of the process",
    "dailypapers.cli.main._attempt": "top of the process, before the report of the run",
    "dailypapers.mcp.server._or_tool_error": "border to the assistant: a bug is an answer to one call",
    "dailypapers.ingest.build.parallel.BackgroundBuild._work": "top of a thread, whose errors the main thread raises",
    "dailypapers.ingest.build.workers._ThisProcess.submit": "an executor, as the border to another process",
    "dailypapers.ingest.build.cluster_task.run_task": "top of the task of a cluster's worker",
    "dailypapers.ingest.build.dask_pool._client.connect": "border to the scheduler, in a thread of its own",
    "dailypapers.ingest.build.parallel._ahead": "top of the task of a worker process",
    "dailypapers.snapshots.catalog.freshness.update_days": "a bug in what is derived must not stop the writing of days",
    "dailypapers.ingest.build.write.isolated": "top of the work on one day: the other days go on",
}
"""Where an `except` may catch everything, and why."""


def broad_excepts(node: ast.AST, place: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler):
            caught = {name.id for name in ast.walk(child.type) if isinstance(name, ast.Name)} if child.type else {""}
            if caught & {"", "Exception", "BaseException"}:
                yield place
        scope = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else None
        yield from broad_excepts(child, f"{place}.{scope}" if scope is not None else place)


def test_only_a_process_and_its_borders_catch_everything() -> None:
    found = [place for module in ALL for place in broad_excepts(module.nodes[0], module.name)]
    assert sorted(found) == sorted(BROAD_EXCEPTS)


def test_no_file_has_a_vague_name() -> None:
    assert {module.name for module in ALL if module.path.stem in VAGUE_NAMES} == set()


def test_lock_files_name_no_index() -> None:
    locks = [ROOT / "requirements.lock", *(ROOT / "tests").glob("*.lock")]
    assert len(locks) == 4
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text
        assert "index" not in text
    assert "registry" not in (ROOT / "tests" / "browser" / "package-lock.json").read_text()


def test_no_file_is_large() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    sizes = {name: (ROOT / name).stat().st_size for name in listed.splitlines() if (ROOT / name).is_file()}
    # The lock file has a hash for each build of each package.
    assert {name for name, size in sizes.items() if size > 200_000} == {"requirements.lock"}
