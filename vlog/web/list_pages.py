"""The pages that list videos: home, categories, tags and playlists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vlog.catalog.video_query import VideoQuery
from vlog.web import playlist_queries, queries, search_page
from vlog.web.feed_formats import FORMATS
from vlog.web.list_choices import ListWishes, address, choices, narrowed, wishes_of
from vlog.web.models.videos import VideoPage
from vlog.web.pages import public_base, render
from vlog.web.playlist_places import within
from vlog.web.services import services_of
from vlog.web.sharing import HIDDEN

PER_PAGE = 24


def list_page_routes() -> list[Route]:
    """The pages of the public site that list videos."""
    return [
        Route("/", home, name="home"),
        Route("/category/{slug}", category, name="category"),
        Route("/tag/{slug}", tag, name="tag"),
        Route("/playlist/{slug}", playlist, name="playlist"),
    ]


async def home(request: Request) -> Response:
    """All videos. What is featured comes first."""
    if words := request.query_params.get("search", "").strip():
        # Where the search was before it had a page of its own.
        return RedirectResponse(f"{search_page.PATH}?{urlencode({'q': words})}", status_code=301)
    services = services_of(request)
    first = not any(request.query_params.values())
    return await _list_page(
        request,
        await _videos(request, VideoQuery()),
        "/",
        home=True,
        featured=await queries.featured_video(services) if first else None,
        playlists=await playlist_queries.all_playlists(services, public=True) if first else None,
    )


async def category(request: Request) -> Response:
    """The videos of one category."""
    shown = await queries.public_category(services_of(request), request.path_params["slug"])
    found = await _videos(request, VideoQuery(category=shown.slug))
    return await _list_page(
        request,
        found,
        f"/category/{shown.slug}",
        category=shown,
        heading=shown.name,
        about=shown.description,
    )


async def tag(request: Request) -> Response:
    """The videos with one tag."""
    shown = await queries.public_tag(services_of(request), request.path_params["slug"])
    found = await _videos(request, VideoQuery(tag=shown.slug))
    return await _list_page(request, found, f"/tag/{shown.slug}", heading=f"#{shown.name}")


async def playlist(request: Request) -> Response:
    """The videos of one playlist, in its order."""
    shown = await playlist_queries.watchable_playlist(
        services_of(request), request.path_params["slug"]
    )
    response = await _list_page(
        request,
        VideoPage(videos=within(shown), total=shown.video_count, next_cursor=None),
        shown.url,
        playlist=shown,
        heading=shown.title,
        about=shown.description,
    )
    if shown.visibility != "public":
        response.headers.update(HIDDEN)
    return response


async def _videos(request: Request, query: VideoQuery) -> VideoPage:
    cursor = request.query_params.get("cursor") or None
    wished = narrowed(query, wishes_of(request.query_params))
    return await queries.public_videos(
        services_of(request), replace(wished, limit=PER_PAGE, cursor=cursor)
    )


async def _list_page(request: Request, found: VideoPage, path: str, **values: object) -> Response:
    categories = await queries.public_categories(services_of(request))
    wishes = wishes_of(request.query_params)
    next_url = first_url = ""
    if found.next_cursor:
        next_url = address(path, wishes, cursor=found.next_cursor)
    if request.query_params.get("cursor"):
        first_url = address(path, wishes)
    values = dict(_USUAL) | values
    return render(
        request,
        "site/list.html",
        page=found,
        categories=[item for item in categories if item.video_count > 0],
        choices=[] if values["playlist"] else choices(path, wishes),
        wishes=wishes,
        usual=wishes == ListWishes(),
        path=path,
        feeds=[(one, f"{path.rstrip('/')}/{one.file}") for one in FORMATS.values()],
        next_url=next_url,
        first_url=first_url,
        canonical=public_base(request) + quote(path),
        **values,
    )


# What most lists do without.
_USUAL: Mapping[str, object] = MappingProxyType(
    {
        "home": False,
        "category": None,
        "playlist": None,
        "featured": None,
        "playlists": None,
        "heading": "",
        "about": "",
    }
)
