"""Debian's Chromium, and sites on loopback: pages that are watched for errors and for requests to other servers.

The accessibility and HTML checkers come from npm: `npm ci` in this folder installs them. Without them, or without
Chromium, the tests are skipped; where DAILYPAPERS_REQUIRE_TOOLS is set they fail.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from dailypapers.snapshots.store.layout import Series, Store
from tests.outputs.hostile_papers import write_hostile_day
from tests.site.site_store import filled, make_site
from tests.support.external_tools import external_tool
from tests.support.written_days import write_day

from .titles import DAY, copied_papers

FOLDER = Path(__file__).parent
FLAGS = (
    # In a container there is no user namespace for the sandbox; the rest keeps it from calling its maker.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


PATIENCE: Final = 60_000
"""Milliseconds until something that a page does counts as not done: other tests run beside on few processors."""
expect.set_options(timeout=PATIENCE)


class Watched:
    """A page in a context of its own, with what went wrong in it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.problems: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.problems.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", self._dismiss)
        page.on("request", lambda request: self._note(request.url))

    def _dismiss(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note(self, url: str) -> None:
        self.requests.append(url)
        if not url.startswith(self.origin):
            self.problems.append(f"asked {url}")

    def open(self, name: str) -> Page:
        """Go to a page of the site, and wait for the results if it is a search."""
        self.page.goto(self.origin + name)
        if "search.html?" in name:
            # The number comes after the list.
            expect(self.page.locator("#found")).to_contain_text("paper")
        return self.page


Browse = Callable[..., AbstractContextManager[Watched]]


class Served:
    """A folder on loopback."""

    def __init__(self, folder: Path) -> None:
        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments, directory=f"{folder}")

            def log_message(self, *_: object) -> None:
                pass

        self.folder = folder
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Served:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def npm_file(name: str) -> Path:
    """A file of a package of package.json."""
    path = FOLDER / "node_modules" / name
    if not path.is_file():
        message = f"{name} is not installed: npm ci --prefix tests/browser"
        if os.environ.get("DAILYPAPERS_REQUIRE_TOOLS"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: as long as playwright runs, no test of this thread can run an event loop."""
    path = external_tool("chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site with every kind of page: of days, weeks, months, trending papers and a copied listing."""
    root = tmp_path_factory.mktemp("site")
    store = filled(root)
    write_day(store, copied_papers(), series=Series("hf-text"), day=DAY)
    make_site(store, root / "site", search=True)
    with Served(root / "site") as served:
        yield served


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The site of a listing whose texts try to be more than text."""
    root = tmp_path_factory.mktemp("hostile")
    write_hostile_day(Store(root / "store"))
    make_site(Store(root / "store"), root / "site", search=True)
    with Served(root / "site") as served:
        yield served


@pytest.fixture
def browse(browser: Browser) -> Browse:
    """Opens a watched page of a site; the test fails for anything in the console, and for a foreign request."""

    @contextmanager
    def opened(served: Served, **options: Any) -> Iterator[Watched]:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        watched = Watched(context.new_page(), served.origin)
        yield watched
        context.close()
        assert watched.problems == []

    return opened
