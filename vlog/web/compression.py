"""Text on its way to visitors, made smaller (RFC 9110, 8.4.1.3). Pure ASGI."""

from __future__ import annotations

import asyncio
import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Pictures and sound are small already, and what is built is compressed when it is built.
_TEXT = frozenset(
    {
        "application/atom+xml",
        "application/feed+json",
        "application/json",
        "application/problem+json",
        "application/rss+xml",
        "application/vnd.apple.mpegurl",
        "application/xml",
        "text/html",
        "text/plain",
        "text/vtt",
        "text/xml",
    }
)
# Below this an answer fits into one packet anyway.
_WORTH_BYTES = 1000
# Three quarters of what the best level saves, in a third of its time.
_LEVEL = 5
# What takes longer than a millisecond or two does not hold up the event loop.
_AT_ONCE_BYTES = 64 * 1024


class Compression:
    """Sends text as gzip to those who take it.

    Whole answers only, so that nothing that streams is held back; and only what everybody gets:
    the length of a compressed answer must tell nobody what is secret in it (BREACH).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _takes(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        await self.app(scope, receive, _Smaller(send, known).send)


def _takes(headers: Headers) -> bool:
    if "range" in headers:
        return False
    accepted = headers.get("accept-encoding", "").replace(" ", "").split(",")
    return "gzip" in {one.partition(";")[0] for one in accepted if not one.endswith(";q=0")}


class _Smaller:
    """One answer. The start of a text waits until its body is known."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = known
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_text_for_everybody(message):
            self._start = message
            return
        if message["type"] == "http.response.start" and message["status"] == 304:
            message = self._still_the_same(message)
        start, self._start = self._start, None
        if start is not None:
            headers = MutableHeaders(raw=list(start["headers"]))
            headers.add_vary_header("Accept-Encoding")
            if len(message.get("body", b"")) >= _WORTH_BYTES and not message.get("more_body"):
                message = {**message, "body": await _compressed(message["body"])}
                _describe(headers, len(message["body"]))
            await self._send({**start, "headers": headers.raw})
        await self._send(message)

    def _still_the_same(self, start: Message) -> Message:
        """The answer that what is known counts on, with the tag that was given out with it.

        A cache takes no news of a text from an answer with another tag (RFC 9111, 4.3.4).
        """
        headers = MutableHeaders(raw=list(start["headers"]))
        etag = headers.get("etag")
        if etag is None:
            return start
        weak = etag if etag.startswith("W/") else f"W/{etag}"
        # Who asks by time alone does not say which tag came with it.
        if not self._known or weak in (tag.strip() for tag in self._known.split(",")):
            headers["etag"] = weak
        return {**start, "headers": headers.raw}


def _is_text_for_everybody(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "").partition(";")[0].strip()
    hidden = any(word in headers.get("cache-control", "") for word in ("private", "no-store"))
    done = any(name in headers for name in ("content-encoding", "set-cookie"))
    return start["status"] in (200, 404) and kind in _TEXT and not hidden and not done


async def _compressed(body: bytes) -> bytes:
    if len(body) <= _AT_ONCE_BYTES:
        return gzip.compress(body, _LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)


def _describe(headers: MutableHeaders, length: int) -> None:
    headers["content-encoding"] = "gzip"
    headers["content-length"] = str(length)
    etag = headers.get("etag")
    if etag and not etag.startswith("W/"):
        # The same text in other bytes: equal by weak comparison alone.
        headers["etag"] = f"W/{etag}"
