"""Serving what players load. Only published names exist, and only for who may watch the video."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import anyio
from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from vlog.catalog.visibility import is_listed, is_public
from vlog.database.schema import Video
from vlog.errors import NotFound, Unavailable
from vlog.web.conditions import RangeNotThere, is_known, wanted_range
from vlog.web.services import Services, services_of

_RENDITION = r"audio(?:-[0-9]{1,2})?|[0-9]{1,4}p(?:-hevc|-av1)?"
_PUBLISHED = re.compile(
    rf"(?:master|{_RENDITION})\.m3u8|(?:{_RENDITION})_(?:[0-9]{{4,6}}\.(?:ts|m4s)|init\.mp4)"
    r"|thumbnail\.jpg|captions\.vtt|storyboard\.vtt|storyboard_[0-9]{4,6}\.jpg"
)
_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
}
# Segments never change once they are named; playlists grow; a picture may be replaced.
_CACHE = {
    ".ts": "public, max-age=31536000, immutable",
    ".m4s": "public, max-age=31536000, immutable",
    ".mp4": "public, max-age=31536000, immutable",
    ".m3u8": "no-cache",
    ".jpg": "public, max-age=300",
    ".vtt": "no-cache",
}
_PRIVATE = "private, no-store"
# With 64 KiB a thread hop there was a third of the throughput.
_READ_BYTES = 1024 * 1024


class MediaResponse(Response):
    """One file, opened before the answer begins.

    So a file that has just gone is a clean 404, and a playlist that is replaced meanwhile is
    answered whole, old or new, with a length that fits.
    """

    def __init__(self, path: Path, headers: Mapping[str, str]) -> None:
        self.path = path
        self.status_code = 200
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with _opened(self.path) as (descriptor, found):
            asked = Request(scope).headers
            etag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
            modified = formatdate(found.st_mtime, usegmt=True)
            self.headers.update({"etag": etag, "last-modified": modified, "accept-ranges": "bytes"})
            if is_known(asked, etag, modified):
                del self.headers["content-type"]
                await self._answer(304, send)
                return
            try:
                part = wanted_range(asked, etag, modified, found.st_size)
            except RangeNotThere:
                size = {"content-range": f"bytes */{found.st_size}"}
                raise HTTPException(416, "The file is shorter than that.", size) from None
            status = 200
            if part is not None:
                status = 206
                self.headers["content-range"] = (
                    f"bytes {part.start}-{part.stop - 1}/{found.st_size}"
                )
            wanted = part if part is not None else range(found.st_size)
            self.headers["content-length"] = str(len(wanted))
            if scope["method"] == "HEAD" or not wanted:
                await self._answer(status, send)
                return
            await self._start(status, send)
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
                    await _send_bytes(descriptor, wanted, send)
                    group.cancel_scope.cancel()
            except ExceptionGroup as errors:
                raise errors.exceptions[0] from None

    async def _start(self, status: int, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": self.raw_headers})

    async def _answer(self, status: int, send: Send) -> None:
        await self._start(status, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[tuple[int, os.stat_result]]:
    """A descriptor of a regular file and what is known of it. Raises NotFound, Unavailable."""
    try:
        descriptor, found = await asyncio.to_thread(_open, path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFound from error
    except OSError as error:
        raise Unavailable("The storage does not answer now. Try again in a moment.") from error
    try:
        yield descriptor, found
    finally:
        await asyncio.shield(asyncio.to_thread(os.close, descriptor))


def _open(path: Path) -> tuple[int, os.stat_result]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise IsADirectoryError(str(path))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, found


async def _send_bytes(descriptor: int, wanted: range, send: Send) -> None:
    place = wanted.start
    while place < wanted.stop:
        count = min(_READ_BYTES, wanted.stop - place)
        data = await asyncio.to_thread(os.pread, descriptor, count, place)
        if not data:
            raise OSError(f"a file ended at {place} instead of {wanted.stop}")
        place += len(data)
        await send({"type": "http.response.body", "body": data, "more_body": place < wanted.stop})


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def media_routes(*, public: bool) -> list[Route]:
    """`/videos/{slug}/{name}`, and `r2/` and on between for what later jobs made.

    The admin's previews also show what is not published.
    """

    async def media(request: Request) -> Response:
        services = services_of(request)
        slug, name = request.path_params["slug"], request.path_params["name"]
        if not _PUBLISHED.fullmatch(name):
            raise NotFound
        everybody = await _may_watch(services, slug, public=public)
        generation = request.path_params.get("generation", 1)
        try:
            path = services.storage.media_file(slug, name, generation)
        except ValueError as error:
            raise NotFound from error
        return MediaResponse(
            path,
            {
                "content-type": _type(path),
                "cache-control": _CACHE[path.suffix] if public and everybody else _PRIVATE,
            },
        )

    return [
        Route("/videos/{slug}/{name}", media, name="media"),
        Route("/videos/{slug}/r{generation:int}/{name}", media, name="media_of_revision"),
    ]


def _type(path: Path) -> str:
    kind = _TYPES[path.suffix]
    return kind.replace("video/mp4", "audio/mp4") if path.name.startswith("audio") else kind


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
