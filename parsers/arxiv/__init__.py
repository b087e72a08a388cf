"""Parsers of arxiv.org: the query API, the feeds, the listing pages, OAI-PMH, the page of a paper."""
