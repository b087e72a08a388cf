"""Hostile input for parsers, decoder and archive reader: bytes by atheris, structure by hypothesis.

    python -m tests.fuzz --minutes N [--half bytes|structure] [--target NAME]

Every execution must end in papers, rejects or the intended error, within a second and 200 MiB. The input of any other
execution is stored as a file and repeated in a fresh process before it counts.
"""
