"""The network, the raw pages, the order of things: from the wire to the archive, from the archive to the day."""
