"""Feeds of new papers and of days: Atom, RSS 2.0 and JSON Feed, with archives; saved searches."""
