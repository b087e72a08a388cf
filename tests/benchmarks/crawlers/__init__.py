"""The programs of row 5 that are not ours, each a separate process: the site, and typical crawlers for it.

Every crawler is called with SITE FIRST DAYS FILE and leaves one JSON line a paper in FILE; none imports the others or
anything of this project but the mapping, whose fields they write.
"""
