"""Feeds of the site, a category, a tag and a playlist, each in every format."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vlog.catalog.video_query import VideoQuery
from vlog.database.types import now
from vlog.web import playlist_queries, queries
from vlog.web.branding import logo_of
from vlog.web.conditions import is_known
from vlog.web.feed_formats import FORMATS, Entry, Feed, Format
from vlog.web.models.videos import VideoOut
from vlog.web.pages import public_base
from vlog.web.services import services_of
from vlog.web.sharing import HIDDEN

MOST_ENTRIES = 50
_MOST_REMEMBERED = 2000


@dataclass(frozen=True)
class Subject:
    """What a feed is about. `path` leads to its page."""

    path: str
    title: str
    description: str
    videos: list[VideoOut]
    public: bool = True


async def _site(request: Request) -> Subject:
    site = services_of(request).settings.site
    found = await queries.public_videos(services_of(request), VideoQuery(limit=MOST_ENTRIES))
    about = site.description or f"The newest videos on {site.title}"
    return Subject("", site.title, about, found.videos)


async def _category(request: Request) -> Subject:
    services = services_of(request)
    shown = await queries.public_category(services, request.path_params["slug"])
    query = VideoQuery(category=shown.slug, limit=MOST_ENTRIES)
    found = await queries.public_videos(services, query)
    return Subject(f"/category/{shown.slug}", shown.name, shown.description, found.videos)


async def _tag(request: Request) -> Subject:
    services = services_of(request)
    shown = await queries.public_tag(services, request.path_params["slug"])
    query = VideoQuery(tag=shown.slug, limit=MOST_ENTRIES)
    found = await queries.public_videos(services, query)
    return Subject(f"/tag/{shown.slug}", f"#{shown.name}", "", found.videos)


async def _playlist(request: Request) -> Subject:
    shown = await playlist_queries.watchable_playlist(
        services_of(request), request.path_params["slug"]
    )
    public = shown.visibility == "public"
    return Subject(shown.url, shown.title, shown.description, shown.videos[:MOST_ENTRIES], public)


class _Memory:
    """When each feed became what it is, as far as this process has seen.

    Titles and texts change without a date of their own, so the content itself must be looked at.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def modified(self, address: str, etag: str) -> datetime:
        """Since when the feed is like this."""
        known, since = self._seen.pop(address, ("", now()))
        if known != etag:
            since = now()
        self._seen[address] = (etag, since)
        if len(self._seen) > _MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return since


def feed_routes() -> list[Route]:
    """Every feed."""
    memory = _Memory()
    subjects = {
        "": _site,
        "/category/{slug}": _category,
        "/tag/{slug}": _tag,
        "/playlist/{slug}": _playlist,
    }
    return [
        Route(f"{path}/{one.file}", partial(_answer, find, one, memory))
        for path, find in subjects.items()
        for one in FORMATS.values()
    ]


async def _answer(
    find: Callable[[Request], Awaitable[Subject]], form: Format, memory: _Memory, request: Request
) -> Response:
    subject = await find(request)
    feed = _feed(request, subject, form)
    body = await asyncio.to_thread(form.write, feed)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    since = memory.modified(feed.address, etag)
    headers = {
        "etag": etag,
        "last-modified": format_datetime(since, usegmt=True),
        **({"cache-control": "no-cache"} if subject.public else HIDDEN),
    }
    if is_known(request.headers, etag, headers["last-modified"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=f"{form.media_type}; charset=utf-8", headers=headers)


def _feed(request: Request, subject: Subject, form: Format) -> Feed:
    base = public_base(request)
    site = services_of(request).settings.site.title
    logo = logo_of(services_of(request))
    entries = [_entry(base, video) for video in subject.videos]
    return Feed(
        title=subject.title if subject.title == site else f"{subject.title} – {site}",
        description=subject.description,
        author=site,
        url=f"{base}{subject.path or '/'}",
        address=f"{base}{subject.path}/{form.file}",
        updated=max((entry.published for entry in entries), default=_BEGINNING),
        entries=entries,
        logo=base + logo.url if logo else None,
    )


_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def _entry(base: str, video: VideoOut) -> Entry:
    names = [video.category_name] if video.category_name else []
    return Entry(
        url=base + video.watch_url,
        title=video.title,
        text=video.description,
        published=video.published_at or video.created_at,
        categories=[*names, *(tag.name for tag in video.tags)],
        image=base + video.thumbnail_url if video.thumbnail_url else None,
        stream=base + video.stream_url if video.stream_url else None,
        captions=base + video.captions_url if video.captions_url else None,
        duration=video.duration,
    )
