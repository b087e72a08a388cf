"""The arguments of the tools; the input schema of each tool is made of these models."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_PAPERS = 50

Limit = Annotated[int, Field(ge=1, le=MAX_PAPERS, description="Papers in one answer, at most.")]
AsOf = Annotated[
    str | None,
    Field(description="Answer as of this time, such as 2025-12-08T10:00:00Z: with what was known then. Default: now."),
]
Page = Annotated[str | None, Field(description="The `cursor` of the answer before, for its next page.")]
SourceName = Annotated[str, Field(description="Name of a source, such as hf-daily.")]
Query = Annotated[str | None, Field(description="The query, for a source that is a search (hf-search).")]
Key = Annotated[str, Field(description="Key of a paper, such as arxiv:2408.00118, or a bare arXiv id or DOI.")]


class Arguments(BaseModel):
    """What all tools take."""

    model_config = ConfigDict(extra="forbid")

    as_of: AsOf = None


class SearchPapers(Arguments):
    """Arguments of search_papers."""

    text: Annotated[str, Field(description='Words that a paper has to have; "phrases" and prefix* work too.')]
    source: Annotated[str | None, Field(description="Only papers that this source lists.")] = None
    limit: Limit = 20
    cursor: Page = None


class GetPaper(Arguments):
    """Arguments of get_paper."""

    key: Key


class ListDay(Arguments):
    """Arguments of list_day."""

    day: Annotated[str, Field(description="The day, such as 2025-12-08; any day of a weekly or monthly listing.")]
    source: SourceName = "hf-daily"
    query: Query = None
    limit: Limit = MAX_PAPERS
    cursor: Page = None


class DayCertificateArguments(Arguments):
    """Arguments of day_certificate."""

    day: Annotated[str, Field(description="The day, such as 2025-12-08.")]
    source: SourceName = "hf-daily"
    query: Query = None
    cursor: Page = None


class PaperHistoryArguments(Arguments):
    """Arguments of paper_history."""

    key: Key
    cursor: Page = None


class NewSince(Arguments):
    """Arguments of new_since."""

    since: Annotated[
        str | None,
        Field(
            description="The `cursor` of an earlier answer, or a time or day after which the papers were first seen."
            " Default: 24 hours ago."
        ),
    ] = None
    source: Annotated[str | None, Field(description="Only papers that this source lists.")] = None
    query: Query = None
    limit: Limit = MAX_PAPERS
