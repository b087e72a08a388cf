"""Hostile input for parsers, decoder and archive reader: bytes by atheris, structure by hypothesis.

    python -m tests.fuzz --minutes N [--half bytes|structure] [--target NAME]

Every execution has to end in papers, rejects or the error that is meant for it, within a second and 200 MiB. What
does not is kept as a file and tried again alone, in a process of its own, before it counts.
"""
