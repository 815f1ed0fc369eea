"""Sending a file over HTTP: as a form, as a body, and in pieces that are cut and continued."""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from tests.torture.soaking.asking import Asker

_TUS = {"tus-resumable": "1.0.0"}
_PART = {**_TUS, "content-type": "application/offset+octet-stream"}
_READ_BYTES = 65_536
# A form of tests has a boundary of its own.
_BOUNDARY = "of-the-soak"


class Cut(Exception):
    """The connection is let go in the middle of a body."""


class Sender:
    """Sends to the admin's port, and may be told to let connections go in the middle."""

    def __init__(self, admin: Asker, chance: random.Random) -> None:
        self.admin = admin
        self.chance = chance
        self.cut_next = 0
        self.cuts = self.resumed = 0

    async def form(self, path: Path, **fields: str) -> httpx.Response | None:
        """Everything in one form; None where nobody knows what came of it."""
        head = b""
        for name, value in fields.items():
            head += _disposition(f'name="{name}"') + value.encode() + b"\r\n"
        head += _disposition(f'name="file"; filename="{path.name}"')
        tail = f"\r\n--{_BOUNDARY}--\r\n".encode()
        headers = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}
        body = self._body(path, head=head, tail=tail)
        return await self._send("POST", "/api/videos", body, headers)

    async def body(self, path: Path, **fields: str) -> httpx.Response | None:
        """The file as the whole body."""
        headers = {"content-length": str(path.stat().st_size)}
        address = f"/api/videos/file/{path.name}"
        return await self._send("PUT", address, self._body(path), headers, fields)

    async def in_pieces(self, path: Path, **fields: str) -> int | None:
        """By tus, over every cut and kill; the number of its video, None where it was refused."""
        size = path.stat().st_size
        given = {"filename": path.name, **fields}
        metadata = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in given.items()
        )
        headers = {**_TUS, "upload-length": str(size), "upload-metadata": metadata}
        answer = await self.admin.insist("POST", "/api/uploads", headers=headers)
        if answer.status_code != 201:
            return None
        url = answer.headers["location"]
        offset, wanted = 0, max(_READ_BYTES, size // self.chance.randint(1, 6))
        while True:
            end = min(size, offset + wanted)
            headers = {
                **_PART,
                "upload-offset": str(offset),
                "content-length": str(end - offset),
            }
            body = self._body(path, offset, end)
            sent = await self._send("PATCH", url, body, headers)
            if sent is None or sent.status_code != 204:
                self.resumed += 1
                sent = await self._continue(url, sent)
                if sent is None:
                    return None
            if "vlog-video-id" in sent.headers:
                return int(sent.headers["vlog-video-id"])
            offset = int(sent.headers["upload-offset"])

    async def _continue(self, url: str, refusal: httpx.Response | None) -> httpx.Response | None:
        """Where it goes on after a cut; None where the file itself was refused."""
        if refusal is not None and refusal.status_code in (404, 410, 413, 415, 422):
            return None
        while True:
            await asyncio.sleep(self.chance.uniform(0.1, 1.5))
            answer = await self.admin.insist("HEAD", url, headers=_TUS)
            if answer.status_code == 200:
                return answer
            if answer.status_code not in (409, 423, 429):
                return None

    async def _send(
        self,
        method: str,
        path: str,
        body: AsyncIterator[bytes],
        headers: dict[str, str],
        query: dict[str, str] | None = None,
    ) -> httpx.Response | None:
        try:
            return await self.admin.ask(
                method, path, content=body, headers=headers, params=query, timeout=180
            )
        except Cut:
            self.cuts += 1
            return None

    async def _body(
        self,
        path: Path,
        start: int = 0,
        end: int | None = None,
        *,
        head: bytes = b"",
        tail: bytes = b"",
    ) -> AsyncIterator[bytes]:
        """Pieces of a file, as slow as a network now and then is."""
        end = path.stat().st_size if end is None else end
        pause = self.chance.choice((0.0, 0.0, 0.02, 0.1))
        cut_at = end
        if self.cut_next or self.chance.random() < 0.08:
            self.cut_next = max(0, self.cut_next - 1)
            cut_at = self.chance.randrange(start, end)
        if head:
            yield head
        with path.open("rb") as file:
            file.seek(start)
            while start < end:
                if start >= cut_at:
                    raise Cut
                piece = file.read(min(_READ_BYTES, end - start))
                start += len(piece)
                yield piece
                await asyncio.sleep(pause)
        if tail:
            yield tail


def _disposition(text: str) -> bytes:
    return f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {text}\r\n\r\n".encode()
