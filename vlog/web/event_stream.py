"""Server-sent events: a response that goes on until somebody ends it.

The format is that of the HTML Standard, section 9.2 "Server-sent events".
"""

from __future__ import annotations

import json

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from vlog.events import Event, EventHub, Subscription
from vlog.logs import get_logger

log = get_logger(__name__)

# Proxies give up on a connection that is silent for a minute, some for half of one.
_BEAT_SECONDS = 15.0
# Whoever does not read for so long is not there any more, or might as well not be.
_SEND_SECONDS = 20.0
# At the end the last words may take so long.
_LAST_SECONDS = 0.5
_RETRY_MS = 2000
_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    # Nothing on the way may keep or gather what is sent.
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
}


class EventStream(Response):
    """What happens, as it happens, to one client. Raises Unavailable where there are too many."""

    def __init__(
        self,
        hub: EventHub,
        after: str | None,
        *,
        beat_seconds: float = _BEAT_SECONDS,
        send_seconds: float = _SEND_SECONDS,
    ) -> None:
        self.subscription = hub.subscribe(after)
        self.beat_seconds = beat_seconds
        self.send_seconds = send_seconds
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.subscription:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            async with anyio.create_task_group() as group:
                group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
                group.start_soon(_hurry_when_over, self.subscription, group.cancel_scope)
                await self._send_all(send)
                group.cancel_scope.cancel()

    async def _send_all(self, send: Send) -> None:
        body = f"retry: {_RETRY_MS}\n\n".encode()
        while not self.subscription.over.is_set():
            with anyio.move_on_after(self.send_seconds) as limit:
                await send({"type": "http.response.body", "body": body, "more_body": True})
            if limit.cancelled_caught:
                log.info("A page that does not read its news was let go.", action="listener_slow")
                return
            events = await self.subscription.take(self.beat_seconds)
            body = b"".join(map(_written, events)) or b": still here\n\n"
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _written(event: Event) -> bytes:
    change = event.change
    said = {
        "kind": change.kind if change else "reset",
        "video_id": change.video_id if change else None,
    }
    return f"id: {event.id}\ndata: {json.dumps(said)}\n\n".encode()


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _hurry_when_over(subscription: Subscription, scope: anyio.CancelScope) -> None:
    await subscription.over.wait()
    scope.deadline = anyio.current_time() + _LAST_SECONDS
