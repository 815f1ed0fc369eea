"""One connection of a viewer, in as few instructions as can be: five hundred share a processor.

With httpx the viewers took a core of their own, and waited for themselves.
"""

from __future__ import annotations

import asyncio
import re

_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)
_SECONDS = 30.0


class Failed(Exception):
    """No answer, or none that is a success."""


class Line:
    """Asks one thing after the other (HTTP/1.1)."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> bytes:
        """The body of an answer. Raises Failed."""
        try:
            async with asyncio.timeout(_SECONDS):
                kept = self._streams is not None
                try:
                    return await self._ask(path)
                except (OSError, asyncio.IncompleteReadError):
                    self.close()
                    if not kept:
                        raise
                # The server has let go of a connection that was quiet.
                return await self._ask(path)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.close()
            raise Failed from error

    async def _ask(self, path: str) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not head.startswith(b"HTTP/1.1 200") or length is None:
            raise Failed
        return await reader.readexactly(int(length[1]))

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
