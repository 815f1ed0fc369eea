"""The pages on which a video is watched: on this site, and in frames on others."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vlog.errors import NotFound
from vlog.web import absences, queries
from vlog.web.embedding import WIDTH, embed_code, fitted
from vlog.web.media_keys import is_ours, stream_url
from vlog.web.models.progress import ProgressOut
from vlog.web.models.videos import VideoOut
from vlog.web.page_filters import growth_sentence
from vlog.web.pages import public_base, render
from vlog.web.playlist_places import place_of
from vlog.web.queries import Watchable
from vlog.web.security import content_security_policy
from vlog.web.services import Services, services_of
from vlog.web.sharing import HIDDEN, keep_key, key_of
from vlog.web.structured_data import video_object
from vlog.web.watching import watching

MORE_VIDEOS = 12
# Where a browser says that it asks for a page to put into another one (Fetch Metadata).
_FRAMES = ("iframe", "frame", "embed", "object")


def watch_page_routes() -> list[Route]:
    """The watch page and the embedded player."""
    return [
        Route("/watch/{slug}", watch, name="watch"),
        Route("/embed/{slug}", embed, name="embed"),
    ]


async def watch(request: Request) -> Response:
    """One video with its player, or why there is none."""
    services, key = services_of(request), key_of(request)
    try:
        found = await queries.watchable_video(services, request.path_params["slug"], key)
    except NotFound as error:
        return await absences.answer(request, key, error, "site/absent.html")
    video, access = found.video, found.access
    progress = await _progress(services, video, key)
    around = await watching(services, video, progress, request.query_params.get("transcript"))
    base = public_base(request)
    response = render(
        request,
        "site/watch.html",
        video=video,
        playing=await _with_stream(services, found),
        more=await queries.related_videos(services, video.id, MORE_VIDEOS),
        growth_sentence=growth_sentence(progress) if progress else "",
        place=await place_of(request, video),
        shown_to_all=access.public,
        structured=video_object(video, base, around, embeddable=not found.rule.nowhere),
        counts_views=services.settings.analytics.enabled,
        watching=around,
        embed_code="" if found.rule.nowhere else embed_code(base, video, *fitted(video, WIDTH)),
        canonical=base + video.watch_url,
    )
    if not access.public:
        response.headers.update(HIDDEN)
        keep_key(request, response, video.slug, access)
    return response


async def embed(request: Request) -> Response:
    """The player alone, for frames on other sites, or why there is none."""
    services, slug = services_of(request), request.path_params["slug"]
    try:
        # A frame on another site gets no cookie of ours, so no key of a share link either.
        found = await queries.watchable_video(services, slug, None)
    except NotFound as error:
        response = await absences.answer(request, None, error, "site/embed_absent.html")
        return _framed(request, response, "*")
    if not found.rule.open_to_all and _is_in_a_strange_frame(request, found):
        # The sentence may stand anywhere; the player stays where its own policy lets it.
        return _framed(request, absences.refused(request, slug), "*")
    video, access = found.video, found.access
    progress = await _progress(services, video, None)
    response = render(
        request,
        "site/embed.html",
        video=video,
        playing=await _with_stream(services, found),
        growing=progress is not None,
        counts_views=services.settings.analytics.enabled,
        watching=await watching(services, video, progress),
        canonical=public_base(request) + video.watch_url,
    )
    if not access.public:
        response.headers.update(HIDDEN)
    return _framed(request, response, found.rule.ancestors)


def _framed(request: Request, response: Response, ancestors: str) -> Response:
    cdn = services_of(request).settings.delivery.cdn_url
    response.headers["Content-Security-Policy"] = content_security_policy(ancestors, cdn)
    return response


def _is_in_a_strange_frame(request: Request, found: Watchable) -> bool:
    """Whether a page that may not show the video asks for it, as far as the request tells."""
    if request.headers.get("sec-fetch-dest") not in _FRAMES:
        return False
    page = request.headers.get("referer", "")
    return bool(page) and not is_ours(request, page) and not found.rule.permits(page)


async def _with_stream(services: Services, found: Watchable) -> VideoOut:
    """The video as the player of this page loads it."""
    return found.video.model_copy(update={"stream_url": await stream_url(services, found)})


async def _progress(services: Services, video: VideoOut, key: str | None) -> ProgressOut | None:
    """How far a video is that is still being made; nothing for one that is whole."""
    if video.status == "ready":
        return None
    progress, _ = await queries.watchable_progress(services, video.slug, key)
    return progress
