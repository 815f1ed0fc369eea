"""Files that many ask for at the same time, kept in memory: only files that never change."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

# A file is kept when it is asked for a second time among so many others: one viewer alone goes
# through a film without leaving it in memory.
_REMEMBERED = 8192
# What is larger would push out too much else for one viewer's sake.
_LARGEST_SHARE = 4


@dataclass(frozen=True)
class HotFile:
    """A whole file. `modified_ns` is its time of modification in nanoseconds since 1970."""

    content: bytes
    modified_ns: int


class HotFiles:
    """Whole files in memory, at most `most_bytes` of them; what was not wanted longest goes first.

    For one event loop. With `most_bytes` of 0 nothing is kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes_kept = 0
        self._kept: OrderedDict[Path, HotFile] = OrderedDict()
        self._seen: OrderedDict[Path, None] = OrderedDict()
        self._loading: dict[Path, asyncio.Task[HotFile | None]] = {}

    async def get(self, path: Path) -> HotFile | None:
        """The file where it is kept or worth keeping; None where it is better read from the disk.

        Raises:
            OSError: the file cannot be read.
        """
        if (kept := self.look(path)) is not None:
            return kept
        if not self.most_bytes or self._is_new(path):
            return None
        loading = self._loading.get(path)
        if loading is None:
            loading = asyncio.create_task(self._load(path), name=f"load {path.name}")
            self._loading[path] = loading
            loading.add_done_callback(lambda _: self._loading.pop(path, None))
        # Whoever came first may leave; the others still wait for the same bytes.
        return await asyncio.shield(loading)

    def look(self, path: Path) -> HotFile | None:
        """The file where it is kept already."""
        kept = self._kept.get(path)
        if kept is not None:
            self._kept.move_to_end(path)
        return kept

    def _is_new(self, path: Path) -> bool:
        new = path not in self._seen
        self._seen[path] = None
        self._seen.move_to_end(path)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return new

    async def _load(self, path: Path) -> HotFile | None:
        largest = self.most_bytes // _LARGEST_SHARE
        found = await asyncio.to_thread(_read, path, largest)
        if found is not None:
            self._keep(path, found)
        return found

    def _keep(self, path: Path, found: HotFile) -> None:
        self._kept[path] = found
        self.bytes_kept += len(found.content)
        while self.bytes_kept > self.most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.bytes_kept -= len(oldest.content)


def _read(path: Path, largest: int) -> HotFile | None:
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        if found.st_size > largest:
            return None
        content = file.read(found.st_size)
    # A disk that fails in the middle gives less than it announced.
    if len(content) != found.st_size:
        raise OSError(f"a file ended at {len(content)} instead of {found.st_size}")
    return HotFile(content, found.st_mtime_ns)
