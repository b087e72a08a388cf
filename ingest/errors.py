"""Exceptions, each named for the decision that it causes.

IngestError              says what went wrong, where, and what to do next
├── UsageError           exit 2: the command line is wrong
├── DamagedArchive       this archive file was changed; the day is left as it was
│   └── NothingWhole     no intact archive file is left to build the day from
├── BodyError            a body cannot be decoded within the limits
├── RefusedFile          this file cannot be imported; the others can
├── CaptureError         no fixture can be made from this page
└── WorkerDied           a worker process was killed
"""

from __future__ import annotations


class IngestError(Exception):
    """Base of the errors that a command prints as a message."""


class UsageError(IngestError):
    """The command line asks for something impossible: exit 2."""


class DamagedArchive(IngestError):  # noqa: N818 - named for what it is
    """An archive file that is truncated, changed, or not written by this program."""


class NothingWhole(DamagedArchive):
    """Every archive file of a day is damaged or missing."""


class BodyError(IngestError):
    """A body whose content encoding is unknown or broken, or that is larger than allowed."""


class RefusedFile(IngestError):  # noqa: N818 - named for what it is
    """A file that `import` does not accept, with the reason."""


class CaptureError(IngestError):
    """No fixture can be made from the page selected."""


class WorkerDied(IngestError):  # noqa: N818 - named for what it is
    """One of the processes that share the work of a command was killed."""
