"""The catalog: one paper over all sources and days, searchable, derived from the day files into one SQLite file.

`open_catalog` (`catalog.py`) is what readers use; whoever writes days calls `update_days` (`freshness.py`). The file,
`<store>/catalog/catalog.sqlite`, may be deleted at any time. docs/catalog.md has the rules.
"""
