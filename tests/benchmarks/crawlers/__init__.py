"""The programs of row 5 that are not ours, each a process of its own: the site, and what people write to read it.

Every crawler is called with SITE FIRST DAYS FILE and leaves one JSON line a paper in FILE; none imports the others or
anything of this project but the mapping, whose fields they write.
"""
