"""The ids of arXiv. A leaf apart from the record model, which takes longer to load than many commands to run."""

import re
from typing import Final

ARXIV_ID: Final = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d+))?", re.ASCII)
"""Both styles of arXiv ids (https://info.arxiv.org/help/arxiv_identifier.html): the id, then its version."""
