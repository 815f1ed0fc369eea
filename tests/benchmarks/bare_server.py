"""Hypercorn with the smallest app that sends so many bytes.

`python -m tests.benchmarks.bare_server PORT BYTES`
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import uvloop
from hypercorn.asyncio import serve
from hypercorn.config import Config


def main() -> None:
    """Serve until killed."""
    port, size = int(sys.argv[1]), int(sys.argv[2])
    # Zeros that nobody wrote are all one page of memory, which is read faster than any file.
    body = os.urandom(size)
    headers = [(b"content-type", b"video/mp2t"), (b"content-length", str(size).encode())]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.errorlog = None
    served: Any = app
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(served, config))


if __name__ == "__main__":
    main()
