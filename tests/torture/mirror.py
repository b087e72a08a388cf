"""Pushes to a real S3 server, killed before, during or after each request."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.support.killed_push import files_to_mirror, trials
from tests.support.mirrored_store import make_store
from tests.support.s3_server import s3_server
from tests.torture.verdict import Verdict, exactly, none_of

KILLS: Final = 100


def killed_pushes(kills: int = KILLS) -> list[Verdict]:
    """Kill pushes at so many requests, spread over all of a push, and look at the bucket after each."""
    with TemporaryDirectory(prefix="mirror-") as name, s3_server() as server:
        store = Path(name, "store")
        make_store(store, Path(name), "2025-11-24", "2025-12-08", "2025-12-18")
        files = len(files_to_mirror(store))
        done = list(trials(server, store, [1 + number * (files - 1) // (kills - 1) for number in range(kills)]))
    wrong = [f"{trial.when} request {trial.request}: {what}" for trial in done for what in trial.wrong]
    states = len({trial.objects for trial in done})
    return [
        exactly(f"pushes of {files} files that were killed", sum(trial.status == -9 for trial in done), kills),
        Verdict("different numbers of objects in the bucket then", f"{states}", ">= 10", states >= 10),
        none_of("certificates without an archive, wrong objects, mirrors that the next push did not complete", wrong),
    ]
