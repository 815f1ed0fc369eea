"""The public API: what is playable and published, and nothing else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog.video_query import VideoQuery
from vlog.errors import BadRequest, ElsewhereForbidden, NotFound
from vlog.web import queries
from vlog.web.embedding import OEmbedOut, OEmbedQuery, oembed, slug_in
from vlog.web.media_keys import is_from_elsewhere, stream_url
from vlog.web.models.categories import CategoryDetail, CategoryList
from vlog.web.models.progress import ProgressOut
from vlog.web.models.tags import TagList
from vlog.web.models.videos import ListQuery, VideoDetail, VideoPage
from vlog.web.operations import Operation
from vlog.web.pages import public_base
from vlog.web.services import services_of
from vlog.web.sharing import guarded, key_of


async def list_videos(request: Request, *, query: ListQuery) -> VideoPage:
    """Videos, newest first unless asked otherwise."""
    return await queries.public_videos(services_of(request), VideoQuery(**query.model_dump()))


async def get_video(request: Request) -> Response:
    """One video. Where not every site may show it, pages of others get no `stream_url`."""
    services, slug = services_of(request), request.path_params["slug"]
    found = await queries.watchable_video(services, slug, key_of(request))
    if found.rule.open_to_all:
        return guarded(found.video, found.access)
    stream = None if is_from_elsewhere(request) else await stream_url(services, found)
    answer = guarded(found.video.model_copy(update={"stream_url": stream}), found.access)
    answer.headers["cache-control"] = "private, no-store"
    return answer


async def get_progress(request: Request) -> Response:
    """How far one video is."""
    services, slug = services_of(request), request.path_params["slug"]
    return guarded(*await queries.watchable_progress(services, slug, key_of(request)))


async def list_categories(request: Request) -> CategoryList:
    """Every category."""
    return CategoryList(categories=await queries.public_categories(services_of(request)))


async def get_category(request: Request) -> CategoryDetail:
    """One category and its newest videos."""
    services = services_of(request)
    category = await queries.public_category(services, request.path_params["slug"])
    page = await queries.public_videos(services, VideoQuery(category=category.slug))
    return CategoryDetail(**category.model_dump(), videos=page.videos)


async def list_tags(request: Request) -> TagList:
    """Every tag that a video has."""
    return await queries.tags(services_of(request), public=True)


async def get_oembed(request: Request, *, query: OEmbedQuery) -> OEmbedOut:
    """How another site may show a video."""
    services = services_of(request)
    base = public_base(request)
    found = await queries.watchable_video(services, slug_in(query.url, base), None)
    if found.rule.nowhere:
        raise ElsewhereForbidden
    return oembed(found.video, query, base, services.settings.site.title)


VIDEOS, CATEGORIES = ("videos",), ("categories",)

PUBLIC_API = [
    Operation(
        "GET",
        "/api/videos",
        list_videos,
        summary="List videos",
        query=ListQuery,
        response=VideoPage,
        tags=VIDEOS,
        errors=(BadRequest,),
    ),
    Operation(
        "GET",
        "/api/videos/{slug}",
        get_video,
        summary="Get a video",
        response=VideoDetail,
        tags=VIDEOS,
        errors=(NotFound,),
    ),
    Operation(
        "GET",
        "/api/videos/{slug}/progress",
        get_progress,
        summary="See how far a video is",
        response=ProgressOut,
        tags=VIDEOS,
        errors=(NotFound,),
    ),
    Operation(
        "GET",
        "/api/categories",
        list_categories,
        summary="List categories",
        response=CategoryList,
        tags=CATEGORIES,
    ),
    Operation(
        "GET",
        "/api/categories/{slug}",
        get_category,
        summary="Get a category",
        response=CategoryDetail,
        tags=CATEGORIES,
        errors=(NotFound,),
    ),
    Operation("GET", "/api/tags", list_tags, summary="List tags", response=TagList, tags=("tags",)),
    Operation(
        "GET",
        "/oembed",
        get_oembed,
        summary="Embed a video (oEmbed)",
        query=OEmbedQuery,
        response=OEmbedOut,
        tags=VIDEOS,
        errors=(BadRequest, ElsewhereForbidden, NotFound),
    ),
]
