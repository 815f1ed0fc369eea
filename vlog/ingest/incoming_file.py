"""A file being written to `.incoming`: hashed on the way, never more than the disk holds."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from vlog.errors import InsufficientStorage, PayloadTooLarge
from vlog.storage.local import LocalStorage

_WRITE_BYTES = 1024 * 1024
_LOOK_AT_DISK_EVERY = 64 * 1024 * 1024


class IncomingFile:
    """An async context: the file is gone afterwards unless `keep` was called."""

    def __init__(
        self, storage: LocalStorage, name: str, *, min_free_bytes: int, max_bytes: int
    ) -> None:
        self.path: Path = storage.incoming_file(name)
        self.size = 0
        self._storage = storage
        self._min_free_bytes = min_free_bytes
        self._max_bytes = max_bytes
        self._hash = hashlib.sha256()
        self._pending = bytearray()
        self._looked_at = 0
        self._kept = False
        self._file: BinaryIO | None = None

    @property
    def sha256(self) -> str:
        """Hexadecimal, of everything written so far."""
        return self._hash.hexdigest()

    def keep(self) -> None:
        """The file belongs to a row now."""
        self._kept = True

    async def __aenter__(self) -> IncomingFile:
        self._file = await asyncio.to_thread(self.path.open, "xb")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.shield(asyncio.to_thread(self._close))

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        if not self._kept:
            self.path.unlink(missing_ok=True)

    async def check_room(self, wanted: int) -> None:
        """Raise InsufficientStorage where `wanted` more bytes do not fit."""
        free = await asyncio.to_thread(self._storage.free_bytes)
        if free - wanted < self._min_free_bytes:
            raise InsufficientStorage

    async def write(self, data: bytes) -> None:
        """Add bytes. Raises PayloadTooLarge, InsufficientStorage."""
        self.size += len(data)
        if self._max_bytes and self.size > self._max_bytes:
            raise PayloadTooLarge(
                f"This file is larger than the {self._max_bytes:,} bytes that this server takes."
            )
        self._pending += data
        if len(self._pending) >= _WRITE_BYTES:
            await self._flush()
        if self.size - self._looked_at >= _LOOK_AT_DISK_EVERY:
            self._looked_at = self.size
            await self.check_room(0)

    async def finish(self) -> None:
        """Make all bytes durable. Raises InsufficientStorage."""
        await self._flush()
        await asyncio.to_thread(self._sync)

    async def _flush(self) -> None:
        data = bytes(self._pending)
        self._pending.clear()
        try:
            await asyncio.to_thread(self._write, data)
        except OSError as error:
            raise _explained(error) from error

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        self._hash.update(data)
        self._file.write(data)

    def _sync(self) -> None:
        assert self._file is not None
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _explained(error) from error


def _explained(error: OSError) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return InsufficientStorage()
    return error
