"""The pages that the server renders, for both ports."""

from __future__ import annotations

from functools import cache
from typing import get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vlog.captions.speech_languages import LANGUAGES
from vlog.languages import languages_by_name
from vlog.settings import Preset
from vlog.web import queries, search_page
from vlog.web import search as site_search
from vlog.web.assets import asset_url, built_assets, static_root
from vlog.web.embedding import WIDTH, embed_code, embed_policy, fitted
from vlog.web.models import ProgressOut, VideoOut
from vlog.web.page_filters import FILTERS, growth_sentence
from vlog.web.playlist_places import place_of
from vlog.web.services import Services, services_of
from vlog.web.sharing import HIDDEN, keep_key, key_of
from vlog.web.structured_data import video_object
from vlog.web.watching import watching

MORE_VIDEOS = 12
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
        Route(search_page.PATH, search, name="search"),
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
        Route("/analytics", admin_analytics, name="admin_analytics"),
        Route(
            "/analytics/videos/{video_id:int}", admin_video_analytics, name="admin_video_analytics"
        ),
    ]


async def search(request: Request) -> Response:
    """Videos, and moments in them, that have the words."""
    services, query = services_of(request), search_page.asked(request.query_params)
    video = await queries.public_video(services, query.video) if query.video else None
    found = await site_search.find(services, query)
    return render(request, "site/search.html", **search_page.values(query, found, video))


async def watch(request: Request) -> Response:
    """One video with its player."""
    services = services_of(request)
    video, access = await queries.watchable_video(
        services, request.path_params["slug"], key_of(request)
    )
    progress = await _progress(services, video, key_of(request))
    base = public_base(request)
    response = render(
        request,
        "site/watch.html",
        video=video,
        more=await queries.related_videos(services, video.id, MORE_VIDEOS),
        growth_sentence=growth_sentence(progress) if progress else "",
        place=await place_of(request, video),
        shown_to_all=access.public,
        structured=video_object(video, base),
        counts_views=services.settings.analytics.enabled,
        watching=await watching(services, video, progress, request.query_params.get("transcript")),
        embed_code=embed_code(base, video, *fitted(video, WIDTH)),
        canonical=base + video.watch_url,
    )
    if not access.public:
        response.headers.update(HIDDEN)
        keep_key(request, response, video.slug, access)
    return response


async def embed(request: Request) -> Response:
    """The player alone, for frames on other sites."""
    services = services_of(request)
    # A frame on another site gets no cookie of ours, so no key of a share link either.
    video, access = await queries.watchable_video(services, request.path_params["slug"], None)
    progress = await _progress(services, video, None)
    response = render(
        request,
        "site/embed.html",
        video=video,
        growing=progress is not None,
        counts_views=services.settings.analytics.enabled,
        watching=await watching(services, video, progress),
        canonical=public_base(request) + video.watch_url,
    )
    if not access.public:
        response.headers.update(HIDDEN)
    response.headers["Content-Security-Policy"] = embed_policy(
        services.settings.public, services.settings.delivery.cdn_url
    )
    return response


async def _progress(services: Services, video: VideoOut, key: str | None) -> ProgressOut | None:
    """How far a video is that is still being made; nothing for one that is whole."""
    if video.status == "ready":
        return None
    progress, _ = await queries.watchable_progress(services, video.slug, key)
    return progress


async def admin_home(request: Request) -> Response:
    """Uploading, and the list of all videos."""
    services = services_of(request)
    return render(
        request,
        "admin/videos.html",
        here="videos",
        categories=await queries.admin_categories(services),
        spoken_languages=languages_by_name(LANGUAGES),
        keep_source=services.settings.transcoding.keep_source,
        public_base=public_site(request),
    )


async def admin_video(request: Request) -> Response:
    """Everything about one video."""
    services = services_of(request)
    return render(
        request,
        "admin/video.html",
        here="videos",
        video=await queries.admin_video(services, request.path_params["video_id"]),
        categories=await queries.admin_categories(services),
        tags=(await queries.tags(services, public=False)).tags,
        presets=get_args(Preset),
        languages=languages_by_name(),
        spoken_languages=languages_by_name(LANGUAGES),
        public_base=public_site(request),
    )


async def admin_categories(request: Request) -> Response:
    """The categories."""
    return render(
        request,
        "admin/categories.html",
        here="categories",
        categories=await queries.admin_categories(services_of(request)),
        public_base=public_site(request),
    )


async def admin_analytics(request: Request) -> Response:
    """What was watched."""
    return render(
        request, "admin/analytics.html", here="analytics", public_base=public_site(request)
    )


async def admin_video_analytics(request: Request) -> Response:
    """How one video is watched."""
    services = services_of(request)
    return render(
        request,
        "admin/analytics_video.html",
        here="analytics",
        video=await queries.admin_video(services, request.path_params["video_id"]),
        public_base=public_site(request),
    )


def render_error_page(
    request: Request, status: int, title: str, detail: str, *, admin: bool
) -> Response:
    """An error for a person with a browser."""
    if admin:
        values = {"here": "", "public_base": public_site(request)}
        response = render(
            request, "admin/error.html", status=status, title=title, detail=detail, **values
        )
    else:
        response = render(request, "site/error.html", status=status, title=title, detail=detail)
    response.status_code = status
    return response


def render(request: Request, template: str, **values: object) -> Response:
    """A page made of a template."""
    settings = services_of(request).settings
    values |= {"site_title": settings.site.title, "base_url": public_base(request)}
    values.setdefault("search", "")
    return HTMLResponse(environment().get_template(template).render(values), headers=NO_CACHE)


def public_base(request: Request) -> str:
    """Where the outside finds this app, without a slash at the end."""
    configured = services_of(request).settings.public.base_url
    return (configured or str(request.base_url)).rstrip("/")


def public_site(request: Request) -> str:
    """Where the admin finds the public site: as configured, else the same host on its port."""
    public = services_of(request).settings.public
    if public.base_url:
        return public.base_url.rstrip("/")
    host = request.url.hostname or "localhost"
    if ":" in host:
        host = f"[{host}]"
    return f"{request.url.scheme}://{host}:{public.port}"
