"""The public API of searching."""

from __future__ import annotations

from starlette.requests import Request

from vlog.errors import BadRequest, NotFound
from vlog.web import search
from vlog.web.models.search import SearchOut, SearchQuery, SuggestionsOut, SuggestionsQuery
from vlog.web.operations import Operation
from vlog.web.services import services_of


async def search_site(request: Request, *, query: SearchQuery) -> SearchOut:
    """Videos, and moments in them."""
    return await search.find(services_of(request), query)


async def suggest_words(request: Request, *, query: SuggestionsQuery) -> SuggestionsOut:
    """Titles and categories for what is being typed."""
    return await search.suggest(services_of(request), query.q)


SEARCH_API = [
    Operation(
        "GET",
        "/api/search",
        search_site,
        summary="Find videos, and moments in them",
        query=SearchQuery,
        response=SearchOut,
        tags=("search",),
        errors=(BadRequest, NotFound),
    ),
    Operation(
        "GET",
        "/api/search/suggestions",
        suggest_words,
        summary="Complete what is being typed",
        query=SuggestionsQuery,
        response=SuggestionsOut,
        tags=("search",),
    ),
]
