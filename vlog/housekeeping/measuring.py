"""Looking at files and adding up their bytes. Everything here blocks: call it in a thread."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

# A folder with more than this is not ours; it is not looked at to its end.
_MOST_ENTRIES = 500_000
_DEEPEST = 4
_RENDITION = re.compile(r"([a-z0-9-]+)_(?:[0-9]{4,6}\.(?:ts|m4s)|init\.mp4)")
_CAPTIONS = re.compile(r"captions(?:-.+)?\.(?:vtt|m3u8)")
_PICTURE = re.compile(r".+\.(?:jpg|jpeg|png|webp)|storyboard\.vtt")


@dataclass
class FolderSize:
    """Bytes in a video's folder. `rungs`: by rendition, of all its revisions."""

    rungs: dict[str, int] = field(default_factory=dict)
    captions: int = 0
    pictures: int = 0
    staging: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        parts = (self.captions, self.pictures, self.staging, self.other)
        return sum(self.rungs.values()) + sum(parts)


@dataclass(frozen=True)
class Found:
    """A file or a folder, with all that is in it. `modified`: seconds since 1970, the latest."""

    name: str
    is_folder: bool
    size: int
    files: int
    modified: float


def folder_size(folder: Path) -> FolderSize:
    """What the files of one video take; nothing where the folder is not there."""
    found = FolderSize()
    for path, size in _files(folder, _DEEPEST):
        name = path.name
        if ".staging" in path.parts:
            found.staging += size
        elif match := _RENDITION.fullmatch(name):
            found.rungs[match[1]] = found.rungs.get(match[1], 0) + size
        elif _CAPTIONS.fullmatch(name):
            found.captions += size
        elif _PICTURE.fullmatch(name):
            found.pictures += size
        else:
            found.other += size
    return found


def tree_size(folder: Path) -> int:
    """The bytes of everything in a folder; 0 where it is not there."""
    return sum(size for _, size in _files(folder, _DEEPEST))


def file_size(path: Path) -> int:
    """The bytes of one file; 0 where it is not there."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def entries(folder: Path, names: Collection[str] | None = None) -> list[Found]:
    """What lies directly in a folder, or those of it that are named. Hidden names are left out.

    Raises:
        OSError: it cannot be listed.
    """
    with os.scandir(folder) as listing:
        looked = [
            _entry(Path(entry.path), is_folder=entry.is_dir(follow_symlinks=False))
            for entry in listing
            if not entry.name.startswith(".") and (names is None or entry.name in names)
        ]
    return [one for one in looked if one is not None]


def _entry(path: Path, *, is_folder: bool) -> Found | None:
    try:
        own = path.lstat()
    except OSError:
        return None
    if not is_folder:
        return Found(path.name, False, own.st_size, 1, own.st_mtime)
    size = files = 0
    modified = own.st_mtime
    for inner, inner_size in _files(path, _DEEPEST):
        size += inner_size
        files += 1
        try:
            modified = max(modified, inner.lstat().st_mtime)
        except OSError:
            continue
    return Found(path.name, True, size, files, modified)


def _files(folder: Path, deepest: int) -> Iterator[tuple[Path, int]]:
    """Every file below a folder with its bytes; links are not followed."""
    waiting, seen = [(folder, 0)], 0
    while waiting:
        place, depth = waiting.pop()
        try:
            listing = os.scandir(place)
        except OSError:
            # It went away meanwhile, or may not be read.
            continue
        with listing:
            for entry in listing:
                seen += 1
                if seen > _MOST_ENTRIES:
                    return
                try:
                    found = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if stat.S_ISDIR(found.st_mode):
                    if depth < deepest:
                        waiting.append((Path(entry.path), depth + 1))
                else:
                    yield Path(entry.path), found.st_size
