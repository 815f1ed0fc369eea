"""Serving what players load. Only published names exist, and only for who may watch the video."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from vlog.catalog import thumbnails
from vlog.errors import NotFound, Unavailable
from vlog.languages import TAG
from vlog.storage.hot_files import HotFiles
from vlog.web import caption_downloads, offloading
from vlog.web.conditions import RangeNotThere, is_known, wanted_range
from vlog.web.hot_answers import is_for_all
from vlog.web.media_keys import access_to_media, headers_for
from vlog.web.proxies import was_handed_over
from vlog.web.services import services_of

_RENDITION = r"audio(?:-[0-9]{1,2})?|[0-9]{1,4}p(?:-hevc|-av1)?"
_PUBLISHED = re.compile(
    rf"(?:master|{_RENDITION})\.m3u8|(?:{_RENDITION})_(?:[0-9]{{4,6}}\.(?:ts|m4s)|init\.mp4)"
    rf"|thumbnail\.jpg|captions(?:-{TAG.pattern})?\.vtt"
    rf"|captions-{TAG.pattern}(?:\.m3u8|_[0-9]{{4,6}}\.vtt)"
    r"|storyboard\.vtt|storyboard_[0-9]{4,6}\.jpg"
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
_NEVER_CHANGE = (".ts", ".m4s", ".mp4")
# With 64 KiB a thread hop there was a third of the throughput.
_READ_BYTES = 1024 * 1024


class MediaResponse(Response):
    """One file, from the disk or from memory.

    It is opened before the answer begins: a file that has just gone is a clean 404, and a playlist
    that is replaced meanwhile is answered whole, old or new, with a length that fits.
    """

    def __init__(
        self, path: Path, headers: Mapping[str, str], hot_files: HotFiles | None = None
    ) -> None:
        self.path = path
        self.hot_files = hot_files
        self.status_code = 200
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with _opened(self.path, self.hot_files) as found:
            wanted = self._decide(Request(scope).headers, found)
            if scope["method"] == "HEAD" or not wanted:
                await self._start(send)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            await self._start(send)
            if isinstance(found, _InMemory):
                await found.send(wanted, send)
                return
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
                    await found.send(wanted, send)
                    group.cancel_scope.cancel()
            except ExceptionGroup as errors:
                raise errors.exceptions[0] from None

    def _decide(self, asked: Headers, found: _OnDisk | _InMemory) -> range:
        """Set status and headers; the bytes that are sent. Raises HTTPException."""
        etag, modified = _validators(found.modified_ns, found.size)
        self.headers.update({"etag": etag, "last-modified": modified, "accept-ranges": "bytes"})
        if is_known(asked, etag, modified):
            self.status_code = 304
            del self.headers["content-type"]
            return range(0)
        try:
            part = wanted_range(asked, etag, modified, found.size)
        except RangeNotThere:
            size = {"content-range": f"bytes */{found.size}"}
            raise HTTPException(416, "The file is shorter than that.", size) from None
        if part is not None:
            self.status_code = 206
            self.headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{found.size}"
        wanted = part if part is not None else range(found.size)
        self.headers["content-length"] = str(len(wanted))
        return wanted

    async def _start(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )


@dataclass(frozen=True)
class _InMemory:
    content: bytes
    modified_ns: int

    @property
    def size(self) -> int:
        return len(self.content)

    async def send(self, wanted: range, send: Send) -> None:
        whole = len(wanted) == len(self.content)
        body = self.content if whole else self.content[wanted.start : wanted.stop]
        await send({"type": "http.response.body", "body": body, "more_body": False})


@dataclass(frozen=True)
class _OnDisk:
    descriptor: int
    size: int
    modified_ns: int

    async def send(self, wanted: range, send: Send) -> None:
        place = wanted.start
        while place < wanted.stop:
            count = min(_READ_BYTES, wanted.stop - place)
            data = await asyncio.to_thread(os.pread, self.descriptor, count, place)
            if not data:
                raise OSError(f"a file ended at {place} instead of {wanted.stop}")
            place += len(data)
            more = place < wanted.stop
            await send({"type": "http.response.body", "body": data, "more_body": more})


@lru_cache(maxsize=4096)
def _validators(modified_ns: int, size: int) -> tuple[str, str]:
    """ETag and Last-Modified (RFC 9110 8.8)."""
    return f'"{modified_ns:x}-{size:x}"', formatdate(modified_ns // 1_000_000_000, usegmt=True)


@asynccontextmanager
async def _opened(path: Path, hot_files: HotFiles | None) -> AsyncIterator[_OnDisk | _InMemory]:
    """What is sent: from memory where it is kept there. Raises NotFound, Unavailable."""
    try:
        hot = await hot_files.get(path) if hot_files else None
        opened = None if hot else await asyncio.to_thread(_open, path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFound from error
    except OSError as error:
        raise Unavailable("The storage does not answer now. Try again in a moment.") from error
    if hot is not None:
        yield _InMemory(hot.content, hot.modified_ns)
        return
    assert opened is not None
    try:
        yield opened
    finally:
        await asyncio.shield(asyncio.to_thread(os.close, opened.descriptor))


def _open(path: Path) -> _OnDisk:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise IsADirectoryError(str(path))
    except BaseException:
        os.close(descriptor)
        raise
    return _OnDisk(descriptor, found.st_size, found.st_mtime_ns)


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def media_routes(*, public: bool) -> list[Route]:
    """`/videos/{slug}/{name}`, and `r2/` and on between for what later jobs made.

    On the public port `key/{key}/` may stand before both, see `vlog.catalog.media_keys`. The
    admin's previews also show what is not published.
    """

    async def media(request: Request) -> Response:
        services = services_of(request)
        slug, name = request.path_params["slug"], request.path_params["name"]
        made = caption_downloads.is_made_when_asked(name)
        if not made and not _PUBLISHED.fullmatch(name):
            raise NotFound
        given = await access_to_media(request, public=public)
        generation = request.path_params.get("generation", 1)
        if made and generation == 1:
            headers = headers_for(request, given, ".txt", "no-cache")
            return await caption_downloads.make(services, slug, name, headers)
        if name == thumbnails.THUMBNAIL and generation == 1:
            async with services.database.read() as session:
                name = await thumbnails.file_of(session, slug)
        try:
            path = services.storage.media_file(slug, name, generation)
        except ValueError as error:
            raise NotFound from error
        kept = headers_for(request, given, path.suffix, _CACHE[path.suffix])
        headers = {"content-type": _type(path), **kept}
        delivery = services.settings.delivery
        if path.suffix not in _NEVER_CHANGE:
            # A CDN asks nobody for a key.
            shared = delivery.cdn_url and given.public and not given.guarded
            if shared and offloading.names_segments(path):
                folder = f"{delivery.cdn_url.rstrip('/')}{request.url.path.removesuffix(name)}"
                return await offloading.playlist_from_cdn(path, folder, headers, request.headers)
            return MediaResponse(path, headers)
        if delivery.send_file and was_handed_over(request.scope):
            handed = offloading.hand_over(delivery, path, services.storage.videos)
            return Response(headers={**headers, **handed})
        if public and given.public and not given.guarded:
            is_for_all(request.scope, path)
        return MediaResponse(path, headers, services.hot_files)

    folders = ("/videos/{slug}", "/videos/{slug}/key/{key}") if public else ("/videos/{slug}",)
    places = ("{name}", "r{generation:int}/{name}")
    return [Route(f"{folder}/{place}", media) for folder in folders for place in places]


def _type(path: Path) -> str:
    kind = _TYPES[path.suffix]
    return kind.replace("video/mp4", "audio/mp4") if path.name.startswith("audio") else kind
