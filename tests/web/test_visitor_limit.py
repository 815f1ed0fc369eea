"""One visitor cannot take all the room for requests."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from tests.web.asgi import Answer, ask
from vlog.web.visitor_limit import VisitorLimit


async def test_one_address_has_so_many_requests_in_flight_and_no_more() -> None:
    release = asyncio.Event()
    inside = 0

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal inside
        inside += 1
        await release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    limit = VisitorLimit(wait, most_in_flight=2)

    async def come(address: str) -> Answer:
        async def from_there(scope: Scope, receive: Receive, send: Send) -> None:
            await limit({**scope, "client": (address, 1)}, receive, send)

        return await ask(from_there, "GET", "/", {})

    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(come("2001:db8:1:2::1")) for _ in range(2)]
        waiting += [group.create_task(come("127.0.0.1")) for _ in range(3)]
        while inside < 5:
            await asyncio.sleep(0)
        # Another address of the same network is the same visitor.
        assert (await come("2001:db8:1:2::2")).status == 429
        other = group.create_task(come("2001:db8:1:3::1"))
        while inside < 6:
            await asyncio.sleep(0)
        release.set()
    assert {task.result().status for task in [*waiting, other]} == {200}
    assert (await come("2001:db8:1:2::2")).status == 200
