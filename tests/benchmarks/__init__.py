"""What this project costs beside what people use and beside the least that the work can cost, in one run.

    python -m tests.benchmarks [ROW...] [--json FILE]

A row is one module, named in `rows`: it has `measure()`, which gives its tables. Targets are ratios of medians that
were taken turn about, so that a slow machine slows all of them.
"""
