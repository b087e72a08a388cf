"""The cost of this project compared with common tools and with the minimum that the work can cost.

    python -m tests.benchmarks [ROW...] [--json FILE]

A row is one module, named in `rows`: it has `measure()`, which gives its tables. Targets are ratios of medians that
were taken turn about, so that a slow machine slows all of them.
"""
