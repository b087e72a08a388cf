"""The network, the raw pages, the order of things: from the wire to the archive, from the archive to the day."""

__version__ = "0.1.0"
