"""The outermost layer of each app: knows every request in flight and cleans up after each.

Hypercorn (0.18) leaks a connection and two tasks when a handler answers before it has read a large
body, and from Python 3.12 on its own graceful time-out does not end requests in flight. Both are
cured here.
"""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vlog.courtesy import Courtesy
from vlog.errors import Stopping, Unavailable
from vlog.logs import get_logger
from vlog.web.problems import LOGGED, problem_of

log = get_logger(__name__)

MOST_IN_FLIGHT = 1000
# Somebody who takes less than this is gone, or means harm: so long for any answer, and more for
# each byte of it. A telephone at the edge of its network still gets 160 kbit/s.
_SEND_SECONDS = 30.0
_SLOWEST_BYTES_A_SECOND = 20_000


class Guard:
    """Wraps an app."""

    def __init__(
        self,
        app: ASGIApp,
        courtesy: Courtesy | None = None,
        most_in_flight: int = MOST_IN_FLIGHT,
        send_seconds: float = _SEND_SECONDS,
    ) -> None:
        self.app = app
        self.courtesy = courtesy or Courtesy()
        self.most_in_flight = most_in_flight
        self.send_seconds = send_seconds
        self.tasks: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        task = asyncio.current_task()
        assert task is not None
        exchange = _Exchange(
            receive,
            send,
            announced=_announces_body(scope),
            send_seconds=self.send_seconds,
            courtesy=self.courtesy if scope["method"] in ("GET", "HEAD") else None,
        )
        crowded = len(self.tasks) >= self.most_in_flight
        app = (
            problem_of(Unavailable("Too many requests at once. Try again in a moment."))
            if crowded
            else self.app
        )
        self.tasks.add(task)
        try:
            await app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            if not exchange.begun:
                # Otherwise Hypercorn answers 500, as if something were broken.
                await problem_of(Stopping())(scope, exchange.receive, exchange.send)
            raise
        except ClientDisconnect:
            log.debug("A visitor left in the middle.", action="client_left", path=scope["path"])
        except _TooSlow:
            log.info("A visitor took too little.", action="client_too_slow", path=scope["path"])
        except Exception as error:
            if scope.get(LOGGED) is not error:
                raise
        finally:
            self.tasks.discard(task)
            exchange.answered()

    async def drain(self, seconds: float) -> None:
        """Wait for the requests in flight, then cancel those that are left."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        # Connections that came just before the end bring new ones.
        while self.tasks and (left := end - loop.time()) > 0:
            await asyncio.wait(set(self.tasks), timeout=left)
        for task in set(self.tasks):
            task.cancel()
        if self.tasks:
            await asyncio.wait(set(self.tasks), timeout=1.0)


class _TooSlow(Exception):
    """Nobody takes the answer."""


class _Exchange:
    """One request and its answer."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        *,
        announced: bool,
        send_seconds: float,
        courtesy: Courtesy | None,
    ) -> None:
        self._courtesy = courtesy
        if courtesy is not None:
            courtesy.arrive()
        self.begun = False
        self._send_seconds = send_seconds
        self._receive = receive
        self._send = send
        self._body_ended = not announced

    def answered(self) -> None:
        """Nobody waits for the answer any more: it begins, or does not come."""
        courtesy, self._courtesy = self._courtesy, None
        if courtesy is not None:
            courtesy.leave()

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            self._body_ended = True
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answered()
            self.begun = True
        if message["type"] == "http.response.start" and not self._body_ended:
            message = {
                **message,
                "headers": [*message.get("headers", ()), (b"connection", b"close")],
            }
        last = message["type"] == "http.response.body" and not message.get("more_body")
        if not last or self._body_ended:
            await self._pass_on(message)
            return
        # The server needs room in its queue to close, so what still arrives is read and dropped.
        async with anyio.create_task_group() as group:
            group.start_soon(self._drop_body)
            await self._pass_on(message)
            group.cancel_scope.cancel()

    async def _pass_on(self, message: Message) -> None:
        size = len(message.get("body", b""))
        if not size:
            await self._send(message)
            return
        try:
            async with asyncio.timeout(self._send_seconds + size / _SLOWEST_BYTES_A_SECOND):
                await self._send(message)
        except TimeoutError:
            raise _TooSlow from None

    async def _drop_body(self) -> None:
        while not self._body_ended:
            await self.receive()


def _announces_body(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"transfer-encoding" or (name == b"content-length" and value not in (b"0", b"")):
            return True
    return False
