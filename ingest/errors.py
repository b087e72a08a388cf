"""What can go wrong, each named for the decision it causes.

IngestError              says what, where and what to do next
├── UsageError           exit 2: the command's words are off
├── DamagedArchive       this archive file is not what was written; the day stays as it was
│   └── NothingWhole    no archive file of the day is left to build it from
├── BodyError            a body that cannot be decoded, or not within the limits
├── RefusedFile          this file cannot be imported; the others can
├── CaptureError         no fixture can be made of this page
└── WorkerDied           a process that worked for this one was killed
"""

from __future__ import annotations


class IngestError(Exception):
    """Base of all errors that a command turns into a message."""


class UsageError(IngestError):
    """The command was asked for something that cannot be: exit 2."""


class DamagedArchive(IngestError):  # noqa: N818 - named for what it is
    """An archive file that is cut, changed or no archive of ours."""


class NothingWhole(DamagedArchive):
    """Every archive file of a day is damaged or missing."""


class BodyError(IngestError):
    """A body whose content encoding is unknown or broken, or that is larger than allowed."""


class RefusedFile(IngestError):  # noqa: N818 - named for what it is
    """A file that `import` cannot take, with the reason."""


class CaptureError(IngestError):
    """Of what was asked for no fixture can be made."""


class WorkerDied(IngestError):  # noqa: N818 - named for what it is
    """One of several processes that share a command's work is gone."""
