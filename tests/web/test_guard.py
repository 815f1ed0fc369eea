"""The guard on a real Hypercorn: unread bodies, requests in flight, stopping."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.web.asgi import Body, app_of, ask, services
from vlog.courtesy import Courtesy
from vlog.database.engine import Database
from vlog.process.servers import run_server
from vlog.process.sockets import bind
from vlog.web import operations
from vlog.web.guard import Guard


@asynccontextmanager
async def _serving(
    app: ASGIApp, most: int = 1000, send_seconds: float = 30
) -> AsyncIterator[tuple[Guard, int]]:
    guard = Guard(app, most_in_flight=most, send_seconds=send_seconds)
    listening = bind("127.0.0.1", 0, "public")
    port: int = listening.getsockname()[1]
    stop = anyio.Event()
    server = asyncio.create_task(run_server(guard, listening, stop))
    try:
        yield guard, port
    finally:
        stop.set()
        async with asyncio.timeout(8):
            await server


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    # A check that takes a moment: by then the server's queue of body events is full.
    await asyncio.sleep(0.2)
    await send({"type": "http.response.start", "status": 413, "headers": []})
    await send({"type": "http.response.body", "body": b"too large"})


async def _until(what: str, condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def _tasks_of_a_server_in_use(port: int) -> set[asyncio.Task[object]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return asyncio.all_tasks()


def _other_tasks(before: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    return asyncio.all_tasks() - before


async def test_an_early_answer_to_a_large_body_leaks_no_task() -> None:
    async with _serving(_refuse) as (guard, port):
        before = await _tasks_of_a_server_in_use(port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n")

        async def pour() -> None:
            try:
                for _ in range(800):
                    writer.write(b"x" * 65_536)
                    await writer.drain()
            except ConnectionError:
                pass

        pouring = asyncio.create_task(pour())
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 413")
        assert b"connection: close" in head.lower()
        writer.close()
        await pouring
        await _until("no request in flight", lambda: not guard.tasks)
        await _until("no task left", lambda: not _other_tasks(before))


async def test_requests_in_flight_do_not_hold_up_a_stop() -> None:
    entered = asyncio.Event()

    async def hang(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            entered.set()
            await asyncio.Event().wait()

    started = asyncio.get_running_loop().time()
    async with _serving(hang) as (guard, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.wait_for(entered.wait(), 5)
        assert len(guard.tasks) == 1
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 7
    assert not guard.tasks
    writer.close()


async def test_a_client_that_leaves_in_an_upload_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reading = asyncio.Event()

    async def read(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        async for _ in Request(scope, receive).stream():
            reading.set()

    async with _serving(read) as (guard, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhello")
        await asyncio.wait_for(reading.wait(), 5)
        writer.transport.abort()
        await _until("the request to end", lambda: not guard.tasks)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_too_many_requests_are_turned_away() -> None:
    release = asyncio.Event()

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with _serving(wait, most=1) as (guard, port):
        first_reader, first = await asyncio.open_connection("127.0.0.1", port)
        first.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await _until("one request in flight", lambda: len(guard.tasks) == 1)
        reader, second = await asyncio.open_connection("127.0.0.1", port)
        second.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 503")
        release.set()
        assert (await first_reader.readline()).startswith(b"HTTP/1.1 200")
        first.close()
        second.close()


async def test_whoever_takes_no_answer_is_let_go() -> None:
    async def pour(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})

    async with _serving(pour, send_seconds=0.2) as (guard, port):
        with socket.create_connection(("127.0.0.1", port)) as deaf:
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await _until("the request to begin", lambda: guard.tasks)
            # Five seconds and no more are allowed for each 100 kB.
            async with asyncio.timeout(20):
                while guard.tasks:
                    await asyncio.sleep(0.05)


async def test_slow_headers_and_endless_ones_cost_nothing_lasting() -> None:
    asked: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked.append(scope["path"])

    async with _serving(app) as (_, port):
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
        reader, slow = await asyncio.open_connection("127.0.0.1", port)
        slow.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
        dripping = asyncio.create_task(_drip(slow))
        endless_reader, endless = await asyncio.open_connection("127.0.0.1", port)
        endless.write(b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: x\r\n" % n for n in range(9000)))
        async with asyncio.timeout(10):
            assert (await endless_reader.read()).startswith(b"HTTP/1.1 431")
            # A byte now and then does not help.
            assert await reader.read() == b""
            assert [await left.read() for left, _ in idle] == [b""] * len(idle)
        assert asked == []
        await asyncio.wait_for(dripping, 5)
        for writer in (slow, endless, *(other for _, other in idle)):
            writer.close()


async def _drip(writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while not writer.transport.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)


async def test_a_small_body_that_never_ends_is_given_up(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "_BODY_SECONDS", 0.1)
    app = app_of(services(tmp_path / "storage", database))
    headers = {"content-type": "application/json"}
    silent = await ask(app, "POST", "/api/categories", headers, Body([b'{"name": "'], held=True))
    assert silent.status == 408
    assert silent.json()["code"] == "request_too_slow"
    many = Body([b'{"name": "', *([b"x" * 65_536] * 100)], held=True)
    assert (await ask(app, "POST", "/api/categories", headers, many)).status == 413


async def test_uploads_wait_until_an_answer_begins_and_no_longer() -> None:
    entered, may_answer, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        entered.set()
        await may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await may_end.wait()
        await send({"type": "http.response.body", "body": b"last"})

    async with _serving(answer) as (guard, port):
        guard.courtesy = Courtesy(longest_seconds=20)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await asyncio.wait_for(entered.wait(), 5)
        upload = asyncio.create_task(guard.courtesy.give_way())
        await asyncio.sleep(0.05)
        assert not upload.done()
        may_answer.set()
        # The answer may be a stream that never ends.
        await asyncio.wait_for(upload, 5)
        may_end.set()
        await asyncio.wait_for(reader.read(), 5)
        writer.close()


async def test_short_bodies_that_nobody_reads_leak_no_task() -> None:
    async def ignore(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})

    async with _serving(ignore) as (guard, port):
        before = await _tasks_of_a_server_in_use(port)
        for pause in (0.0, 0.02):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
            await asyncio.sleep(pause)
            writer.write(b"67890")
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.close()
        await _until("no request in flight", lambda: not guard.tasks)
        await _until("no task left", lambda: not _other_tasks(before))


async def test_who_has_no_answer_when_vlog_stops_is_told_to_come_again() -> None:
    entered = asyncio.Event()

    async def hang(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            entered.set()
            await asyncio.Event().wait()

    async with _serving(hang) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await asyncio.wait_for(entered.wait(), 5)
        answer = asyncio.create_task(reader.read())
    said = await asyncio.wait_for(answer, 5)
    assert said.startswith(b"HTTP/1.1 503")
    assert b"retry-after:" in said.lower()
    writer.close()
