"""Segments that many ask for at the same time, answered again as they were a moment ago.

Of the 720 us of processor time that a hot segment of 0.5 MB took, 300 went through the layers and
routes of the app, to come to the same headers and the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vlog.database.remembered import Remembered
from vlog.storage.hot_files import HotFiles
from vlog.web.proxies import was_handed_over

# Key of the scope under which whoever answers lays the file, when the answer is for everybody.
_FOR_ALL = "vlog.for_all"
_SEGMENTS = (".ts", ".m4s", ".mp4")
# With one of these the answer may be another one.
_DECIDING = frozenset(
    {
        b"range",
        b"if-match",
        b"if-none-match",
        b"if-modified-since",
        b"if-unmodified-since",
        b"if-range",
    }
)


def is_for_all(scope: Scope, path: Path) -> None:
    """Note that everybody who asks for this address gets this file, whole."""
    scope[_FOR_ALL] = path


@dataclass(frozen=True)
class _Kept:
    """An answer but for its body, which stays with the hot files and is bounded there."""

    start: Message
    path: Path
    modified_ns: int
    route: Any


class HotAnswers:
    """Wraps an app. What it keeps is good until anything is written, and for a second at most."""

    def __init__(self, app: ASGIApp, hot_files: HotFiles, kept: Remembered[_Kept]) -> None:
        self.app = app
        self.hot_files = hot_files
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key_of(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        kept = self._kept.look(key)
        hot = None if kept is None else self.hot_files.look(kept.path)
        if kept is None or hot is None or hot.modified_ns != kept.modified_ns:
            await self._listen(key, scope, receive, send)
            return
        # The request is counted under the route that would have answered.
        scope["route"] = kept.route
        await send({**kept.start, "headers": list(kept.start["headers"])})
        await send({"type": "http.response.body", "body": hot.content, "more_body": False})

    async def _listen(self, key: Hashable, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and keep the answer where it is for all."""
        page = self._kept.page()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                path: Path | None = scope.get(_FOR_ALL)
                hot = None if path is None else self.hot_files.look(path)
                if path is not None and hot is not None:
                    start = {**message, "headers": list(message["headers"])}
                    kept = _Kept(start, path, hot.modified_ns, scope.get("route"))
                    self._kept.keep(page, key, kept)
            await send(message)

        await self.app(scope, receive, noted)


def _key_of(scope: Scope) -> Hashable | None:
    """What tells answers apart that might be kept; None where none is."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
        return None
    path = scope["path"]
    if not path.startswith("/videos/") or not path.endswith(_SEGMENTS):
        return None
    host = b""
    for name, value in scope["headers"]:
        if name in _DECIDING:
            return None
        if name == b"host":
            host = value
    return (path, host, was_handed_over(scope))
