"""What a reader asks for: lists of papers, one paper, a search, a query."""
