"""The cost of this project compared with common tools and with the minimum that the work can cost.

    python -m tests.benchmarks [ROW...] [--json FILE]

A row is one module with a function `measure()`, which gives its tables. Targets are ratios of medians measured in
turns, so that a slow machine affects all of them.
"""
