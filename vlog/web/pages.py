"""The pages that the server renders, for both ports."""

from __future__ import annotations

from functools import cache
from typing import get_args
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vlog.catalog.videos import VideoQuery
from vlog.settings import Preset
from vlog.web import queries
from vlog.web.assets import asset_url, built_assets, static_root
from vlog.web.embedding import WIDTH, embed_code, embed_policy, fitted
from vlog.web.models import CategoryOut, ProgressOut, VideoOut, VideoPage
from vlog.web.page_filters import FILTERS, growth_sentence
from vlog.web.services import Services, services_of
from vlog.web.watching import watching

PER_PAGE = 24
MORE_VIDEOS = 12
LONGEST_SEARCH = 200
NO_CACHE = {"Cache-Control": "no-cache"}


@cache
def environment() -> Environment:
    """The templates. Raises ConfigurationError where the front end is not built."""
    assets = built_assets()
    templates = Environment(
        loader=FileSystemLoader(static_root()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(FILTERS)
    templates.globals.update(asset_url=asset_url, preload_urls=assets.preload_urls)
    return templates


def public_page_routes() -> list[Route]:
    """The pages of the public site."""
    environment()
    return [
        Route("/", home, name="home"),
        Route("/category/{slug}", category, name="category"),
        Route("/watch/{slug}", watch, name="watch"),
        Route("/embed/{slug}", embed, name="embed"),
    ]


def admin_page_routes() -> list[Route]:
    """The pages of the admin panel."""
    environment()
    return [
        Route("/", admin_home, name="admin_home"),
        Route("/videos/{video_id:int}", admin_video, name="admin_video"),
        Route("/categories", admin_categories, name="admin_categories"),
    ]


async def home(request: Request) -> Response:
    """The newest videos, or those that match `search`."""
    search = request.query_params.get("search", "").strip()[:LONGEST_SEARCH]
    cursor = request.query_params.get("cursor") or None
    found = await queries.public_videos(
        services_of(request), VideoQuery(search=search or None, limit=PER_PAGE, cursor=cursor)
    )
    return await _list_page(request, found, "/", cursor, search=search)


async def category(request: Request) -> Response:
    """The newest videos of one category."""
    services = services_of(request)
    shown = await queries.public_category(services, request.path_params["slug"])
    cursor = request.query_params.get("cursor") or None
    found = await queries.public_videos(
        services, VideoQuery(category=shown.slug, limit=PER_PAGE, cursor=cursor)
    )
    return await _list_page(request, found, f"/category/{shown.slug}", cursor, category=shown)


async def watch(request: Request) -> Response:
    """One video with its player."""
    services = services_of(request)
    video = await queries.public_video(services, request.path_params["slug"])
    more = await queries.public_videos(services, VideoQuery(limit=MORE_VIDEOS + 1))
    progress = await _progress(services, video)
    base = public_base(request)
    return _render(
        request,
        "site/watch.html",
        video=video,
        more=[item for item in more.videos if item.id != video.id][:MORE_VIDEOS],
        growth_sentence=growth_sentence(progress) if progress else "",
        watching=await watching(services, video, progress, request.query_params.get("transcript")),
        embed_code=embed_code(base, video, *fitted(video, WIDTH)),
        canonical=base + video.watch_url,
    )


async def embed(request: Request) -> Response:
    """The player alone, for frames on other sites."""
    services = services_of(request)
    video = await queries.public_video(services, request.path_params["slug"])
    progress = await _progress(services, video)
    response = _render(
        request,
        "site/embed.html",
        video=video,
        growing=progress is not None,
        watching=await watching(services, video, progress),
        canonical=public_base(request) + video.watch_url,
    )
    response.headers["Content-Security-Policy"] = embed_policy(services.settings.public)
    return response


async def _progress(services: Services, video: VideoOut) -> ProgressOut | None:
    """How far a video is that is still being made; nothing for one that is whole."""
    if video.status == "ready":
        return None
    return await queries.public_progress(services, video.slug)


async def admin_home(request: Request) -> Response:
    """Uploading, and the list of all videos."""
    services = services_of(request)
    return _render(
        request,
        "admin/videos.html",
        here="videos",
        categories=await queries.admin_categories(services),
        public_base=_public_site(request),
    )


async def admin_video(request: Request) -> Response:
    """Everything about one video."""
    services = services_of(request)
    return _render(
        request,
        "admin/video.html",
        here="videos",
        video=await queries.admin_video(services, request.path_params["video_id"]),
        categories=await queries.admin_categories(services),
        presets=get_args(Preset),
        public_base=_public_site(request),
    )


async def admin_categories(request: Request) -> Response:
    """The categories."""
    return _render(
        request,
        "admin/categories.html",
        here="categories",
        categories=await queries.admin_categories(services_of(request)),
        public_base=_public_site(request),
    )


def render_error_page(
    request: Request, status: int, title: str, detail: str, *, admin: bool
) -> Response:
    """An error for a person with a browser."""
    if admin:
        values = {"here": "", "public_base": _public_site(request)}
        response = _render(
            request, "admin/error.html", status=status, title=title, detail=detail, **values
        )
    else:
        response = _render(request, "site/error.html", status=status, title=title, detail=detail)
    response.status_code = status
    return response


async def _list_page(
    request: Request,
    found: VideoPage,
    path: str,
    cursor: str | None,
    *,
    search: str = "",
    category: CategoryOut | None = None,
) -> Response:
    categories = await queries.public_categories(services_of(request))
    query = {"search": search} if search else {}
    next_url = newest_url = ""
    if found.next_cursor:
        next_url = f"{path}?{urlencode(query | {'cursor': found.next_cursor})}"
    if cursor:
        newest_url = f"{path}?{urlencode(query)}" if query else path
    return _render(
        request,
        "site/list.html",
        page=found,
        search=search,
        category=category,
        categories=[item for item in categories if item.video_count > 0],
        next_url=next_url,
        newest_url=newest_url,
        canonical=public_base(request) + quote(path),
    )


def _render(request: Request, template: str, **values: object) -> Response:
    settings = services_of(request).settings
    values |= {"site_title": settings.site.title, "base_url": public_base(request)}
    values.setdefault("search", "")
    return HTMLResponse(environment().get_template(template).render(values), headers=NO_CACHE)


def public_base(request: Request) -> str:
    """Where the outside finds this app, without a slash at the end."""
    configured = services_of(request).settings.public.base_url
    return (configured or str(request.base_url)).rstrip("/")


def _public_site(request: Request) -> str:
    """Where the admin finds the public site: as configured, else the same host on its port."""
    public = services_of(request).settings.public
    if public.base_url:
        return public.base_url.rstrip("/")
    host = request.url.hostname or "localhost"
    if ":" in host:
        host = f"[{host}]"
    return f"{request.url.scheme}://{host}:{public.port}"
