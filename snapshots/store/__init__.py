"""Names, locks and atomic writes of the files on disk."""
