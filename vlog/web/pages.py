"""The pages that the server renders, for both ports."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vlog.captions.speech_languages import LANGUAGES
from vlog.languages import languages_by_name
from vlog.settings import Preset
from vlog.web import admin_queries, queries, search_page
from vlog.web import search as site_search
from vlog.web.assets import asset_url, built_assets, static_root
from vlog.web.branding import accent_url, logo_of
from vlog.web.callers import caller_of
from vlog.web.page_filters import FILTERS
from vlog.web.services import services_of
from vlog.web.watching import watching

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
    ]


def admin_page_routes() -> list[Route]:
    """The pages of the admin panel."""
    environment()
    return [
        Route("/videos/{video_id:int}", admin_video, name="admin_video"),
        Route("/categories", admin_categories, name="admin_categories"),
        Route("/work", admin_work, name="admin_work"),
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


async def admin_video(request: Request) -> Response:
    """Everything about one video."""
    services = services_of(request)
    video = await admin_queries.admin_video(services, request.path_params["video_id"])
    return render(
        request,
        "admin/video.html",
        here="videos",
        video=video,
        # The preview asks nothing that only the public site answers.
        watching=replace(await watching(services, video, None), heat=False, writing=None),
        categories=await queries.admin_categories(services),
        tags=(await queries.tags(services, public=False)).tags,
        presets=get_args(Preset),
        languages=languages_by_name(),
        spoken_languages=languages_by_name(LANGUAGES),
        keep_source=services.settings.transcoding.keep_source,
        site_embed_domains=services.settings.public.embed_domains,
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


async def admin_work(request: Request) -> Response:
    """All work that is not done."""
    return render(request, "admin/work.html", here="work", public_base=public_site(request))


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
        video=await admin_queries.admin_video(services, request.path_params["video_id"]),
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
    services = services_of(request)
    site = services.settings.site
    values |= {
        "site_title": site.title,
        "site_description": site.description,
        "logo": logo_of(services),
        "accent_url": accent_url(services),
        "base_url": public_base(request),
        "who": caller_of(request),
    }
    values.setdefault("search", "")
    if template.startswith("admin/"):
        values["paused"] = services.transcoder.paused
    if "here" in values:
        # What a page of the panel asks for by its script, it asks for later than this.
        values.setdefault("events_after", services.events.position)
        values.setdefault("trash_days", services.settings.library.trash_days)
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
