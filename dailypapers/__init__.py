"""Every paper that Hugging Face Daily Papers listed, each day, as clean records."""

from ingest import __version__

__all__ = ["__version__"]
