"""`GET /api/events`: its format, how it goes on, and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.types import ASGIApp, Message

from tests.catalog.rows import add_videos
from tests.web.asgi import app_of, ask, services
from vlog.catalog import videos
from vlog.catalog.changes import Change, ChangeWatcher
from vlog.database.engine import Database
from vlog.events import EventHub
from vlog.process.servers import run_server
from vlog.process.sockets import bind
from vlog.web.event_stream import EventStream
from vlog.web.guard import Guard
from vlog.web.services import Services

_SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.1"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/api/events",
    "raw_path": b"/api/events",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 2),
}


class _Page:
    """A browser's end of one stream."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ended = False
        self.reads = asyncio.Event()
        self.reads.set()
        self._left = asyncio.Event()
        self._text = ""
        self._came = asyncio.Event()

    async def receive(self) -> Message:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self._text += message.get("body", b"").decode()
        self.ended = not message.get("more_body", False)
        self._came.set()

    def leave(self) -> None:
        self._left.set()

    async def next(self) -> dict[str, str]:
        """The next block, by field; comments have no name."""
        async with asyncio.timeout(5):
            while "\n\n" not in self._text:
                self._came.clear()
                await self._came.wait()
        block, _, self._text = self._text.partition("\n\n")
        return dict(line.split(": ", 1) for line in block.splitlines())

    async def next_event(self) -> tuple[str, dict[str, Any]]:
        block = await self.next()
        return block["id"], json.loads(block["data"])


@asynccontextmanager
async def _open(app: ASGIApp, **scope: Any) -> AsyncIterator[_Page]:
    page = _Page()

    async def answer() -> None:
        await app(_SCOPE | scope, page.receive, page.send)

    task = asyncio.create_task(answer())
    try:
        yield page
    finally:
        page.leave()
        page.reads.set()
        async with asyncio.timeout(5):
            await task


@pytest.fixture
def made(tmp_path: Path, database: Database) -> Services:
    found = services(tmp_path / "storage", database)
    database.watcher = ChangeWatcher(found.events.publish)
    return found


async def test_changes_are_told_as_they_are_committed(database: Database, made: Services) -> None:
    async with _open(app_of(made)) as page:
        assert await page.next() == {"retry": "2000"}
        assert page.status == 200
        assert page.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "no-transform" in page.headers["cache-control"]
        assert page.headers["x-accel-buffering"] == "no"
        place, first = await page.next_event()
        assert first == {"kind": "reset", "video_id": None}
        (video_id,) = await add_videos(database, ["Film"])
        assert (await page.next_event())[1] == {"kind": "added", "video_id": video_id}
        await database.write(lambda s: videos.change(s, video_id, {"title": "Other"}))
        last, found = await page.next_event()
        assert found == {"kind": "changed", "video_id": video_id}
    for where in (
        {"query_string": f"after={place}".encode()},
        {"headers": [(b"host", b"localhost"), (b"last-event-id", place.encode())]},
    ):
        async with _open(app_of(made), **where) as page:
            await page.next()
            assert (await page.next_event())[1]["kind"] == "added"
            assert (await page.next_event())[0] == last


async def test_who_was_away_too_long_is_told_to_look_at_everything(made: Services) -> None:
    place = made.events.position
    made.events.publish([Change("changed", number) for number in range(2000)])
    async with _open(app_of(made), query_string=f"after={place}".encode()) as page:
        await page.next()
        assert await page.next_event() == (
            made.events.position,
            {"kind": "reset", "video_id": None},
        )


async def test_a_silent_stream_gives_signs_of_life() -> None:
    hub = EventHub()
    async with _open(EventStream(hub, hub.position, beat_seconds=0.02)) as page:
        await page.next()
        assert (await page.next()) == {"": "still here"}
        assert (await page.next()) == {"": "still here"}


async def test_who_does_not_read_is_let_go() -> None:
    hub = EventHub(most_subscriptions=1)
    page = _Page()
    stream = EventStream(hub, None, send_seconds=0.05)
    task = asyncio.create_task(stream(_SCOPE, page.receive, page.send))
    await page.next()
    page.reads.clear()
    hub.publish([Change("ready", 1)])
    async with asyncio.timeout(5):
        await task
    assert not page.ended
    # Its place is free again.
    with hub.subscribe():
        pass


async def test_who_leaves_makes_room(made: Services) -> None:
    app = app_of(made)
    made.events.most_subscriptions = 1
    async with _open(app) as page:
        await page.next()
        refused = await ask(app, "GET", "/api/events", {})
        assert refused.status == 503
        assert "Too many pages" in refused.json()["detail"]
    async with _open(app) as page:
        await page.next()
        assert page.status == 200


async def test_head_is_answered_at_once(made: Services) -> None:
    answer = await ask(app_of(made), "HEAD", "/api/events", {})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_an_open_stream_does_not_hold_a_stop_up() -> None:
    hub = EventHub()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await EventStream(hub, None)(scope, receive, send)

    guard, stop = Guard(app), anyio.Event()
    listening = bind("127.0.0.1", 0, "public")
    port: int = listening.getsockname()[1]
    server = asyncio.create_task(run_server(guard, listening, stop))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n")
    head = await asyncio.wait_for(reader.readuntil(b'"reset"'), 5)
    assert b"chunked" in head
    stop.set()
    hub.close()
    # The guard would end it by force after three seconds, and without the last chunk.
    async with asyncio.timeout(2.5):
        rest = await reader.read()
    assert rest.endswith(b"0\r\n\r\n")
    writer.close()
    await asyncio.wait_for(server, 8)
