"""The pages that list videos: home, categories, tags and playlists."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vlog.catalog.videos import VideoQuery
from vlog.web import playlist_queries, queries, search_page
from vlog.web.models import VideoPage
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
    """The newest videos."""
    if words := request.query_params.get("search", "").strip():
        # Where the search was before it had a page of its own.
        return RedirectResponse(f"{search_page.PATH}?{urlencode({'q': words})}", status_code=301)
    return await _list_page(request, await _videos(request, VideoQuery()), "/")


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
    return await queries.public_videos(
        services_of(request), replace(query, limit=PER_PAGE, cursor=cursor)
    )


async def _list_page(request: Request, found: VideoPage, path: str, **values: object) -> Response:
    categories = await queries.public_categories(services_of(request))
    next_url = f"{path}?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else ""
    values = {"category": None, "playlist": None, "heading": "", "about": ""} | values
    return render(
        request,
        "site/list.html",
        page=found,
        categories=[item for item in categories if item.video_count > 0],
        next_url=next_url,
        newest_url=path if request.query_params.get("cursor") else "",
        canonical=public_base(request) + quote(path),
        **values,
    )
