"""A file on its way in, and the ways in which it cannot be written."""

from __future__ import annotations

import hashlib
import resource
import signal
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from vlog.errors import InsufficientStorage
from vlog.ingest.incoming_file import IncomingFile
from vlog.storage.local import LocalStorage


def _incoming(storage: LocalStorage, max_bytes: int = 0) -> IncomingFile:
    return IncomingFile(storage, "token.part", min_free_bytes=0, max_bytes=max_bytes)


async def test_what_is_kept_is_what_was_written(storage: LocalStorage) -> None:
    content = bytes(range(256)) * 10_000
    async with _incoming(storage) as incoming:
        for place in range(0, len(content), 100_000):
            await incoming.write(content[place : place + 100_000])
        await incoming.finish()
        assert incoming.path.read_bytes() == content
        assert incoming.sha256 == hashlib.sha256(content).hexdigest()
        assert incoming.size == len(content)
        incoming.keep()
    assert incoming.path.exists()


async def test_what_is_not_kept_is_gone(storage: LocalStorage) -> None:
    async with _incoming(storage) as incoming:
        await incoming.write(b"x")
        await incoming.finish()
    assert not incoming.path.exists()


async def test_a_file_of_that_name_is_never_written_over(storage: LocalStorage) -> None:
    storage.incoming_file("token.part").write_bytes(b"another")
    with pytest.raises(Exception, match="storage folder"):
        await _incoming(storage).__aenter__()
    assert storage.incoming_file("token.part").read_bytes() == b"another"


@pytest.fixture
def small_files_only() -> Iterator[None]:
    """The system refuses to write more than 1.5 MB to one file, in the middle of a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.usefixtures("small_files_only")
async def test_a_write_that_fails_half_way_leaves_nothing(storage: LocalStorage) -> None:
    incoming = _incoming(storage)

    async def write_on() -> None:
        async with incoming:
            while True:
                await incoming.write(b"x" * 400_000)

    with pytest.raises(InsufficientStorage):
        await write_on()
    assert not incoming.path.exists()
    assert 1_500_000 < incoming.size < 4_000_000


@pytest.mark.usefixtures("small_files_only")
async def test_a_last_write_that_is_cut_short_is_noticed(storage: LocalStorage) -> None:
    async with _incoming(storage) as incoming:
        await incoming.write(b"x" * 1_200_000)
        await incoming.write(b"x" * 400_000)
        with pytest.raises(InsufficientStorage):
            await incoming.finish()
    assert not incoming.path.exists()


async def test_a_file_that_does_not_close_well_is_removed_all_the_same(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(FileIO):
        def close(self) -> None:
            super().close()
            raise OSError(122, "Disk quota exceeded")

    async with _incoming(storage) as incoming:
        assert incoming._file is not None
        incoming._file.close()
        monkeypatch.setattr(incoming, "_file", Away(incoming.path, "wb"))
    assert not incoming.path.exists()


async def test_a_device_that_is_full_is_said(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _incoming(storage) as incoming:
        await incoming.write(b"x")
        with Path("/dev/full").open("wb", buffering=0) as full:
            monkeypatch.setattr(incoming, "_file", full)
            with pytest.raises(InsufficientStorage):
                await incoming.finish()
            monkeypatch.undo()
    assert not incoming.path.exists()
