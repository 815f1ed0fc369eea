"""Two small apps in one process, run the way `vlog serve` runs its own.

`python -m tests.process.two_apps PUBLIC_PORT ADMIN_PORT`
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import anyio
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from vlog.errors import PayloadTooLarge, StartError
from vlog.logs import configure_logging
from vlog.process import systemd
from vlog.process.servers import quiet_cancellations, run_server
from vlog.process.sockets import bind
from vlog.process.supervision import Backoff, Health, supervise
from vlog.settings import LoggingSettings
from vlog.web.guard import Guard
from vlog.web.problems import exception_handlers
from vlog.web.request_record import RequestRecord

health = Health()


async def ready(request: Request) -> Response:
    problems = health.problems()
    return JSONResponse(problems, status_code=503 if problems else 200)


async def endless(request: Request) -> Response:
    """A download that never ends by itself."""

    async def body() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1024
            await asyncio.sleep(0.01)

    return StreamingResponse(body())


async def brief(request: Request) -> Response:
    """A download that ends within the grace time, and well after the signal."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x"
            await asyncio.sleep(0.1)

    return StreamingResponse(body())


async def upload(request: Request) -> Response:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return PlainTextResponse(str(size))


async def refuse(request: Request) -> Response:
    """Answers without a look at the body, once the server's queue is full of it."""
    await asyncio.sleep(0.3)
    raise PayloadTooLarge


async def tasks(request: Request) -> Response:
    return JSONResponse(len(asyncio.all_tasks()))


async def broken(request: Request) -> Response:
    raise RuntimeError("the reason")


async def crash(stop: anyio.Event) -> None:
    raise RuntimeError("crashes by design")


def app() -> Guard:
    routes = [
        Route("/ready", ready),
        Route("/endless", endless),
        Route("/brief", brief),
        Route("/upload", upload, methods=["POST"]),
        Route("/refuse", refuse, methods=["POST"]),
        Route("/tasks", tasks),
        Route("/broken", broken),
    ]
    served = Starlette(routes=routes, exception_handlers=exception_handlers())
    return Guard(RequestRecord(served, "public"))


async def main(public_port: int, admin_port: int) -> None:
    public, admin = bind("127.0.0.1", public_port, "public"), bind("127.0.0.1", admin_port, "admin")
    stop = anyio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(quiet_cancellations)

    def on_signal() -> None:
        if stop.is_set():
            os._exit(130)
        health.stopping = True
        systemd.notify("STOPPING=1")
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    backoff = Backoff(first=0.01, most=0.05)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_server(app(), public, stop), name="public site")
        group.create_task(run_server(app(), admin, stop), name="admin panel")
        group.create_task(supervise("crasher", crash, stop, health, backoff), name="crasher")
        health.started = True
        systemd.notify("READY=1")


if __name__ == "__main__":
    configure_logging(LoggingSettings(format="json"))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main(int(sys.argv[1]), int(sys.argv[2])))
    except StartError as error:
        sys.exit(error.detail)
