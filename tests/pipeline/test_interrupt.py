"""A run that is stopped while its days wait to be written ends soon, and the next run writes them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dailypapers.snapshots.store.locks import building
from tests.papersite import PaperSite
from tests.product import DAY, NOW, SERIES, Product


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_is_stopped_while_another_process_holds_the_lock(
    product: Product, site: PaperSite, state: Path, number: signal.Signals
) -> None:
    words = ["--store", f"{product.store.root}", "--now", NOW.isoformat(), "run", "hf-daily", "--day", f"{DAY}"]
    product.store.root.mkdir(parents=True)
    environment = os.environ | {"HF_ENDPOINT": site.url, "DAILYPAPERS_STATE": f"{state}"}
    with building(product.store):
        process = subprocess.Popen([sys.executable, "-m", "dailypapers", *words], env=environment)
        while not product.archives():
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(number)
        # It would wait as long as the lock is held.
        assert process.wait(timeout=120) == 128 + number
    assert not product.store.papers(SERIES, DAY).exists()
    assert product("build").status == 0
    assert product.papers()
