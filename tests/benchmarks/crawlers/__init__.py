"""The programs of row 5 that are not ours, each a separate process: the site, and typical crawlers for it.

Every crawler is called with SITE FIRST DAYS FILE and writes one JSON line per paper to FILE. None imports another
one, or anything of this project except the mapping, whose fields they write.
"""
