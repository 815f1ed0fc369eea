"""What many ask for is kept in memory, within bounds."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from vlog.storage.hot_files import HotFiles


def _file(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


async def test_what_is_wanted_again_is_kept_and_read_no_more(tmp_path: Path) -> None:
    files = HotFiles(1000)
    path = _file(tmp_path, "a", 100)
    content = path.read_bytes()
    assert await files.get(path) is None
    assert files.bytes_kept == 0
    found = await files.get(path)
    assert found is not None
    assert found.content == content
    assert found.modified_ns == path.stat().st_mtime_ns
    path.unlink()
    assert await files.get(path) is found


async def test_what_was_not_wanted_longest_goes_first(tmp_path: Path) -> None:
    files = HotFiles(800)
    paths = [_file(tmp_path, name, 200) for name in "abcde"]
    for path in paths[:4]:
        await files.get(path)
        await files.get(path)
    assert files.bytes_kept == 800
    await files.get(paths[0])
    await files.get(paths[4])
    await files.get(paths[4])
    assert files.bytes_kept == 800
    for path in paths:
        path.unlink()
    assert await files.get(paths[0]) is not None
    with pytest.raises(FileNotFoundError):
        await files.get(paths[1])


async def test_one_large_file_pushes_nothing_out(tmp_path: Path) -> None:
    files = HotFiles(800)
    path = _file(tmp_path, "large", 201)
    for _ in range(3):
        assert await files.get(path) is None
    assert files.bytes_kept == 0


async def test_without_memory_nothing_is_kept(tmp_path: Path) -> None:
    files = HotFiles(0)
    path = _file(tmp_path, "a", 1)
    for _ in range(3):
        assert await files.get(path) is None


async def test_a_crowd_reads_the_disk_once_even_when_the_first_leaves(tmp_path: Path) -> None:
    files = HotFiles(1000)
    path = _file(tmp_path, "a", 100)
    await files.get(path)
    crowd = [asyncio.create_task(files.get(path)) for _ in range(20)]
    await asyncio.sleep(0)
    crowd[0].cancel()
    found = await asyncio.gather(*crowd[1:])
    assert len({id(file) for file in found}) == 1
    assert files.bytes_kept == 100
