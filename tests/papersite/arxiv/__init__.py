"""arXiv on the paper site: invented papers as its listing pages, feeds, query API, OAI-PMH and pages show them."""
