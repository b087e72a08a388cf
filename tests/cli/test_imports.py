"""Which modules a command loads: `status` and `--help` have to start fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.papersite import PaperSite
from tests.product import Product

ROOT = Path(__file__).parents[2]
LIBRARIES = {"pydantic", "httpx", "selectolax", "rich", "tenacity", "fastwarc"}
NOT_IN_STATUS = LIBRARIES | {"logging", "traceback", "textwrap", "shlex", "string", "dailypapers.snapshots.store.locks"}


def test_status_and_help_load_no_slow_module(product: Product, site: PaperSite) -> None:
    product("run")
    code = f"""import sys; from dailypapers.cli.main import main
assert main(["--store", {str(product.store.root)!r}, "--now", "2025-12-19T12:30:00Z", "status"]) == 0
loaded = {NOT_IN_STATUS} & set(sys.modules)
assert main(["--help"]) == 0
print(sorted(loaded | {LIBRARIES} & set(sys.modules)))"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.splitlines()[-1] == "[]"
