"""Pages from files and foreign WARC archives into the archive."""
