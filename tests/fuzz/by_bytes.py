"""One target, mutated by atheris for some seconds: `python -m tests.fuzz.by_bytes TARGET SECONDS FOLDER`.

libFuzzer ends the process itself when the time is over.
https://github.com/google/atheris, https://llvm.org/docs/LibFuzzer.html
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["parsers", "ingest", "snapshots"]):
    from dailypapers.parsers.driver import names, parser_named
    from tests.fuzz.judge import Judge
    from tests.fuzz.targets import targets

    # The driver loads a parser when it is first used, which is too late for instrumentation.
    for parser in names():
        parser_named(parser)

MAX_SIZE = 2**16
HANGS = 60  # seconds until libFuzzer stops an execution and stores its input


def main() -> None:
    name, seconds, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    corpus, found = folder / "corpus" / name, folder / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    work = folder / "bytes" / name
    work.mkdir(parents=True, exist_ok=True)
    target = targets(work)[name]
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    judge = Judge(target, found, work / "figures.json")
    limits = [f"-max_total_time={seconds}", f"-max_len={MAX_SIZE}", f"-timeout={HANGS}", "-rss_limit_mb=0"]
    options = ["-print_final_stats=1", "-len_control=20", f"-artifact_prefix={found}/fatal-{name}-"]
    atheris.Setup([sys.argv[0], *limits, *options, str(corpus)], judge)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
