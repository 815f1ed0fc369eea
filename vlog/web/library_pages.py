"""The admin's pages that list videos: all of them, and those in the trash."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vlog.captions.speech_languages import LANGUAGES
from vlog.catalog import categories as category_catalog
from vlog.catalog import tags as tag_catalog
from vlog.languages import languages_by_name
from vlog.web import admin_queries, trash_queries
from vlog.web.library_choices import (
    SORT_WORDS,
    STATUS_WORDS,
    VISIBILITY_WORDS,
    address,
    headings,
    query_of,
    wishes_of,
)
from vlog.web.library_rows import row_of
from vlog.web.models.library import TrashQuery
from vlog.web.pages import public_site, render
from vlog.web.services import services_of

_TRASH = "/trash"
# A list to choose from that is longer helps nobody; any other tag can be in the address.
_MOST_TAGS = 500
_TRASH_PAGE = 48


def library_page_routes() -> list[Route]:
    """The pages of the library."""
    return [
        Route("/", library, name="admin_home"),
        Route(_TRASH, trash, name="admin_trash"),
    ]


async def library(request: Request) -> Response:
    """Uploading, and the list of all videos."""
    services = services_of(request)
    # Asked before the database: what happens from here on, the page is told.
    position = services.events.position
    wishes = wishes_of(request.query_params)
    cursor = request.query_params.get("cursor") or None
    found = await admin_queries.admin_videos(services, query_of(wishes, cursor))
    async with services.database.read() as session:
        categories = await category_catalog.every(session)
        tags = await tag_catalog.first_by_name(session, _MOST_TAGS)
    base = public_site(request)
    return render(
        request,
        "admin/videos.html",
        here="videos",
        rows=[row_of(video, base) for video in found.videos],
        total=found.total,
        wishes=wishes,
        headings=headings(wishes),
        next_url=address(wishes, cursor=found.next_cursor) if found.next_cursor else "",
        previous_url=address(wishes, cursor=found.previous_cursor) if found.previous_cursor else "",
        first_url=address(wishes) if cursor else "",
        sorts=SORT_WORDS,
        statuses=STATUS_WORDS,
        visibilities=VISIBILITY_WORDS,
        categories=categories,
        tags=tags,
        has_trash=services.remover.has_trash,
        spoken_languages=languages_by_name(LANGUAGES),
        keep_source=services.settings.transcoding.keep_source,
        events_after=position,
        public_base=base,
    )


async def trash(request: Request) -> Response:
    """What can be brought back."""
    services = services_of(request)
    position = services.events.position
    cursor = request.query_params.get("cursor") or None
    found = await trash_queries.trash_page(services, TrashQuery(limit=_TRASH_PAGE, cursor=cursor))
    following = urlencode({"cursor": found.next_cursor}) if found.next_cursor else ""
    return render(
        request,
        "admin/trash.html",
        here="videos",
        page=found,
        next_url=f"{_TRASH}?{following}" if following else "",
        first_url=_TRASH if cursor else "",
        trash_days=services.settings.library.trash_days,
        events_after=position,
        public_base=public_site(request),
    )
