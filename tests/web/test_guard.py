"""The guard on a real Hypercorn: unread bodies, requests in flight, stopping."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import anyio
import pytest
import uvloop
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from vlog.courtesy import Courtesy
from vlog.process.servers import run_server
from vlog.process.sockets import bind
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
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.wait_for(entered.wait(), 5)
        assert len(guard.tasks) == 1
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 7
    assert not guard.tasks
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after: " in answer
    writer.close()


def test_requests_that_come_as_vlog_stops_are_answered_or_refused() -> None:
    # The loop that VLog runs on takes connections in another order than the one of tests.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_stop_among_requests())


async def _stop_among_requests() -> None:
    stopped = threading.Event()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await asyncio.sleep(0.3)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"whole"})

    async def be_slow() -> None:
        # A busy machine: many come in one turn of the loop.
        while True:
            time.sleep(0.02)
            await asyncio.sleep(0)

    def ask(port: int) -> list[bytes]:
        answers = []
        while not stopped.is_set():
            with (
                contextlib.suppress(ConnectionError),
                socket.create_connection(("127.0.0.1", port), timeout=5) as client,
            ):
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answers.append(_all_of(client))
        return answers

    slow = asyncio.create_task(be_slow())
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(6) as pool:
        async with _serving(answer) as (guard, port):
            asking = [loop.run_in_executor(pool, ask, port) for _ in range(6)]
            await asyncio.sleep(1)
        stopped.set()
        assert not guard.tasks
        answers = [one for some in await asyncio.gather(*asking) for one in some]
    slow.cancel()
    assert all(b" 200 " in one and b"whole" in one for one in answers if one)
    assert any(answers)


def _all_of(client: socket.socket) -> bytes:
    """To the end of the connection; nothing where it was cut off before."""
    content = b""
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(4096):
            content += piece
    return content


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
        reader, slow = await asyncio.open_connection("127.0.0.1", port)
        slow.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
        endless_reader, endless = await asyncio.open_connection("127.0.0.1", port)
        endless.write(b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: x\r\n" % n for n in range(9000)))
        async with asyncio.timeout(10):
            assert (await endless_reader.read()).startswith(b"HTTP/1.1 431")
            assert await reader.read() == b""
        assert asked == []
        slow.close()
        endless.close()


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
