"""Trials that take too long for the tests: a backfill of years under the real limits in time fifty times as fast.

    python -m tests.torture [--days N]

The site counts and refuses as the real one does; what is judged is its own log, the memory of the processes as the
kernel tells it, and every record of every day.
"""
