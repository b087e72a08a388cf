"""Trials that take too long for the tests: a backfill of years under the real limits in fiftyfold accelerated time.

    python -m tests.torture [--days N]

The site counts and limits requests like the real one. The trials check its log, the memory of the processes as
reported by the kernel, and every record of every day.
"""
