"""`python -m tests.site_picture`: docs/site.png, the README's picture of the site, taken by Debian's Chromium.

The papers are invented: two weeks of the paper site that fill over hours. Fonts and versions of Chromium draw the
picture differently, so no test compares it.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Page, sync_playwright

from dailypapers.cli.main import main as dailypapers
from tests.browser.conftest import FLAGS, Served
from tests.papersite import Moving, PaperSite

PICTURE: Final = Path(__file__).parent.parent / "docs" / "site.png"
FIRST: Final = datetime(2025, 12, 8, 9, tzinfo=UTC)
HOURS: Final = range(0, 15 * 24 + 4, 6)
SHOWN: Final = date(2025, 12, 15)
WIDTH, HEIGHT = 1180, 720


def main() -> int:
    """Take the picture; gives the exit status."""
    program = shutil.which("chromium")
    if program is None:
        print("chromium is not installed: apt-get install chromium", file=sys.stderr)
        return 3
    with TemporaryDirectory() as folder:
        make_site(Path(folder))
        with Served(Path(folder, "site")) as served, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            take(page, served.origin)
            browser.close()
    return 0


def make_site(folder: Path) -> None:
    """Two weeks of fetches, and the site of them."""
    with PaperSite(script=Moving(seed=1, late=0.05), now=FIRST) as papers, redirect_stdout(io.StringIO()):
        os.environ["HF_ENDPOINT"] = papers.url
        os.environ["DAILYPAPERS_STATE"] = f"{folder}/state"
        store = ("--store", f"{folder}/store")
        for hours in HOURS:
            papers.now = FIRST + timedelta(hours=hours)
            dailypapers([*store, "--now", papers.now.isoformat(), "run", "hf-daily", "hf-weekly", "hf-monthly"])
        dailypapers([*store, "site", "--out", f"{folder}/site"])


def take(page: Page, origin: str) -> None:
    """The page of a day that is closed."""
    page.goto(f"{origin}hf-daily/{SHOWN}.html")
    page.screenshot(path=PICTURE)


if __name__ == "__main__":
    sys.exit(main())
