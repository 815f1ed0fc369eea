"""Every request gets a number, is counted, and may be written into the log when it is answered."""

from __future__ import annotations

import logging
import time
from functools import lru_cache

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vlog import measures
from vlog.logs import get_logger
from vlog.web.request_ids import HEADER, bound, request_id_of

log = get_logger(__name__)
_level = logging.getLogger(__name__)

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class RequestRecord:
    """Wraps an app.

    Args:
        app: what answers.
        site: `public` or `admin`.
        access: whether answers are logged as information, and not only for debugging.
    """

    def __init__(self, app: ASGIApp, site: str, *, access: bool = False) -> None:
        self.app = app
        self.site = site
        self.access = access
        self._in_flight = measures.HTTP_IN_FLIGHT.labels(site)
        # Finding a series takes longer than counting in it. There are some hundred.
        self._counted = lru_cache(maxsize=None)(self._count)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = request_id_of(scope)
        answer = _Answer(send, number.encode())
        began = time.perf_counter()
        self._in_flight.inc()
        with bound(number):
            try:
                await self.app(scope, receive, answer.send)
            finally:
                self._in_flight.dec()
                self._note(scope, answer, time.perf_counter() - began)

    def _count(self, route: str, method: str, status: str) -> tuple[Histogram, Counter]:
        return (
            measures.HTTP_REQUEST_SECONDS.labels(self.site, route, method, status),
            measures.HTTP_RESPONSE_BYTES.labels(self.site, route),
        )

    def _note(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        # Whoever left before the answer began has none.
        status = f"{answer.status // 100}xx" if answer.status else "none"
        duration, size = self._counted(route, method, status)
        duration.observe(seconds)
        size.inc(answer.size)
        if self.access or _level.isEnabledFor(logging.DEBUG):
            (log.info if self.access else log.debug)(
                "A request was answered.",
                action="request_answered",
                site=self.site,
                method=scope["method"],
                path=scope["path"],
                status=answer.status or None,
                milliseconds=round(seconds * 1000, 1),
                bytes=answer.size,
            )


class _Answer:
    """What is sent, with the number of its request."""

    def __init__(self, send: Send, number: bytes) -> None:
        self._send = send
        self._number = number
        self.status = 0
        self.size = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), (HEADER, self._number)]}
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)


def route_of(scope: Scope) -> str:
    """The template of the route that answered, such as `/watch/{slug}`; `none` where none did."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "none"
