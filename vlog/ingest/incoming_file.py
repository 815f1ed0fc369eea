"""A file being written to `.incoming`: hashed on the way, never more than the disk holds."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

from vlog.errors import InsufficientStorage, PayloadTooLarge, Unavailable
from vlog.ingest.pieces import Pieces, write_all
from vlog.sizes import readable_size
from vlog.storage.local import LocalStorage

LOOK_AT_DISK_EVERY = 64 * 1024 * 1024
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


# Uploads on a slow disk would otherwise hold every thread that others wait for.
_THREADS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="upload")
P = ParamSpec("P")
T = TypeVar("T")


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
        self._pending = Pieces()
        self._looked_at = 0
        self._kept = False
        self._file: FileIO | None = None

    @property
    def sha256(self) -> str:
        """Hexadecimal, of everything written so far."""
        return self._hash.hexdigest()

    def keep(self) -> None:
        """The file belongs to somebody else now."""
        self._kept = True

    async def __aenter__(self) -> IncomingFile:
        await asyncio.to_thread(self._open)
        return self

    def _open(self) -> None:
        try:
            self._file = FileIO(self.path, "xb")
        except OSError as error:
            raise explained(error) from error

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.shield(asyncio.to_thread(self._close))

    def _close(self) -> None:
        # A file that could not be written may not let itself be closed without complaint either.
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        if not self._kept:
            self.path.unlink(missing_ok=True)

    async def check_room(self, wanted: int) -> None:
        """Raise InsufficientStorage where `wanted` more bytes do not fit."""
        await check_room(self._storage, wanted, self._min_free_bytes)

    async def write(self, data: bytes) -> None:
        """Add bytes. Raises PayloadTooLarge, InsufficientStorage, Unavailable."""
        self.size += len(data)
        if self._max_bytes and self.size > self._max_bytes:
            raise too_large(self._max_bytes)
        self._pending.add(data)
        if self._pending.full:
            await self._flush()
        if self.size - self._looked_at >= LOOK_AT_DISK_EVERY:
            self._looked_at = self.size
            await self.check_room(0)

    async def finish(self) -> None:
        """Make all bytes durable. Raises InsufficientStorage, Unavailable."""
        await self._flush(durable=True)

    async def _flush(self, *, durable: bool = False) -> None:
        data = self._pending.take()
        try:
            await in_upload_thread(self._write, data, durable)
        except OSError as error:
            raise explained(error) from error

    def _write(self, pieces: list[bytes], durable: bool) -> None:
        assert self._file is not None
        for piece in pieces:
            self._hash.update(piece)
        write_all(self._file, pieces)
        if durable:
            os.fsync(self._file.fileno())


async def in_upload_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks in one of the threads that uploads have to themselves."""
    call = partial(work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, call)


async def check_room(storage: LocalStorage, wanted: int, min_free_bytes: int) -> None:
    """Raise InsufficientStorage where `wanted` more bytes do not fit, Unavailable without disk."""
    try:
        free = await asyncio.to_thread(storage.free_bytes)
    except OSError as error:
        raise explained(error) from error
    if free - wanted < min_free_bytes:
        raise InsufficientStorage


def too_large(limit: int) -> PayloadTooLarge:
    """The answer to a file of more than `limit` bytes."""
    return PayloadTooLarge(
        f"This file is larger than the {readable_size(limit)} that this server takes."
    )


def explained(error: OSError) -> InsufficientStorage | Unavailable:
    """What an error of the file system means to the person who sends a file."""
    if error.errno in _NO_ROOM:
        return InsufficientStorage()
    return Unavailable(
        "The storage folder cannot be written to now, so the file was not taken. Try again later."
    )
