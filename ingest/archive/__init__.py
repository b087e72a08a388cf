"""Fetches as WARC files: model, writer, reader."""
