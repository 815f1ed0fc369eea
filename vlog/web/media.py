"""Serving what players load. Only published names exist, and only for who may watch the video."""

from __future__ import annotations

import asyncio
import os
import re
from email.utils import parsedate_to_datetime

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from vlog.catalog.visibility import is_listed, is_public
from vlog.database.schema import Video
from vlog.errors import NotFound
from vlog.web.services import Services, services_of

_PUBLISHED = re.compile(
    r"(?:master|audio|\d{1,4}p)\.m3u8|(?:audio|\d{1,4}p)_\d{4,6}\.ts|thumbnail\.jpg|captions\.vtt"
)
_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
}
# Segments never change once they are named; playlists grow; a picture may be replaced.
_CACHE = {
    ".ts": "public, max-age=31536000, immutable",
    ".m3u8": "no-cache",
    ".jpg": "public, max-age=300",
    ".vtt": "no-cache",
}
_PRIVATE = "private, no-store"


class MediaResponse(FileResponse):
    """A file in large reads: 64 KiB a thread hop gave a third of the throughput."""

    chunk_size = 1024 * 1024


def media_routes(*, public: bool) -> list[Route]:
    """`/videos/{slug}/{name}`; the admin's previews also show what is not published."""

    async def media(request: Request) -> Response:
        services = services_of(request)
        slug, name = request.path_params["slug"], request.path_params["name"]
        if not _PUBLISHED.fullmatch(name):
            raise NotFound
        everybody = await _may_watch(services, slug, public=public)
        try:
            path = services.storage.media_file(slug, name)
            found = await asyncio.to_thread(os.stat, path)
        except (OSError, ValueError) as error:
            raise NotFound from error
        kind = path.suffix
        response = MediaResponse(
            path,
            headers={
                "cache-control": _CACHE[kind] if public and everybody else _PRIVATE,
                "etag": f'"{found.st_mtime_ns:x}-{found.st_size:x}"',
            },
            media_type=_TYPES[kind],
            stat_result=found,
        )
        return _not_modified(response) if _is_known(request, response) else response

    return [Route("/videos/{slug}/{name}", media, name="media")]


async def _may_watch(services: Services, slug: str, *, public: bool) -> bool:
    """Whether everybody may watch. Raises NotFound where the asker may not."""
    async with services.database.read() as session:
        row = (
            await session.execute(
                select(Video.id, is_public()).where(Video.slug == slug, is_listed())
            )
        ).first()
    if row is None or (public and not row[1]):
        raise NotFound
    return bool(row[1])


def _is_known(request: Request, response: Response) -> bool:
    """Whether the asker has this very file already (RFC 9110, 13.2.2)."""
    wanted = request.headers.get("if-none-match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return "*" in tags or response.headers["etag"] in tags
    since = request.headers.get("if-modified-since")
    if since is None or "range" in request.headers:
        return False
    try:
        return parsedate_to_datetime(response.headers["last-modified"]) <= parsedate_to_datetime(
            since
        )
    except (TypeError, ValueError):
        return False


def _not_modified(response: Response) -> Response:
    kept = ("cache-control", "etag", "last-modified")
    headers = {name: response.headers[name] for name in kept if name in response.headers}
    return Response(status_code=304, headers=headers)
