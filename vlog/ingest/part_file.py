"""A file in `.incoming` that grows from request to request."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Protocol

from vlog.ingest.incoming_file import explained, in_upload_thread
from vlog.ingest.pieces import Pieces, write_all
from vlog.tasks import to_the_end


class Digest(Protocol):
    """What hashlib makes."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes in."""

    def digest(self) -> bytes:
        """The checksum of all of them."""


class PartFile:
    """An async context in which bytes are added; whatever ends it, those that came are kept.

    The size of the file is how far the upload is. The usual file systems of Linux write a longer
    size down only after the bytes, so that holds after a power cut too.
    """

    def __init__(self, path: Path, digest: Digest | None = None) -> None:
        self.path = path
        self.size = 0
        self._digest = digest
        self._pending = Pieces()
        self._file: FileIO | None = None

    async def __aenter__(self) -> PartFile:
        try:
            await asyncio.to_thread(self._open)
        except OSError as error:
            raise explained(error) from error
        return self

    def _open(self) -> None:
        self._file = FileIO(os.open(self.path, os.O_WRONLY | os.O_APPEND), "wb")
        self.size = os.fstat(self._file.fileno()).st_size

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await to_the_end(in_upload_thread(self._close), name="close part file")

    def _close(self) -> None:
        assert self._file is not None
        # Where the bytes cannot be written now, the client sends them again.
        with suppress(OSError):
            if self._pending:
                self._write(self._pending.take(), durable=True)
        with suppress(OSError):
            self._file.close()

    async def write(self, data: bytes) -> None:
        """Add bytes. Raises InsufficientStorage, Unavailable."""
        self.size += len(data)
        self._pending.add(data)
        if self._pending.full:
            await self._flush(durable=False)

    async def finish(self) -> None:
        """Make all bytes durable. Raises InsufficientStorage, Unavailable."""
        await self._flush(durable=True)

    async def _flush(self, *, durable: bool) -> None:
        data = self._pending.take()
        try:
            # A thread cannot be cancelled, and the next request must not meet it still at work.
            await to_the_end(in_upload_thread(self._write, data, durable=durable), name="write")
        except OSError as error:
            raise explained(error) from error

    def _write(self, pieces: list[bytes], *, durable: bool) -> None:
        assert self._file is not None
        if self._digest is not None:
            for piece in pieces:
                self._digest.update(piece)
        write_all(self._file, pieces)
        if durable:
            os.fsync(self._file.fileno())


def make_part_file(path: Path) -> None:
    """An empty file whose name is durable. Blocks."""
    path.open("xb").close()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def cut(path: Path, size: int) -> None:
    """Throw away what lies behind `size`, durably. Blocks."""
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())
