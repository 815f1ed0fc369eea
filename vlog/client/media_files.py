"""Which files of a folder are to be imported, and what they are beside: a pure look at names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vlog.ingest.names import EXTENSIONS
from vlog.ingest.settling import may_be_taken


@dataclass(frozen=True)
class MediaFile:
    """A file to import. `folder` is the name of the folder that says what it is about, if any."""

    path: Path
    folder: str | None = None


def media_files(places: Iterable[Path], *, recursive: bool) -> Iterator[MediaFile]:
    """The files themselves, and the videos and sounds in the folders, by name.

    Of a file in a folder below the given one the first of these folders names what it is about,
    and otherwise the given one. What is hidden, or has the name of a file that is not whole yet, is
    left out. Blocks.

    Raises:
        OSError: a folder cannot be read.
    """
    for given in places:
        place = given.resolve()
        if not place.is_dir():
            yield MediaFile(place, place.parent.name or None)
            continue
        for path in _walk(place, recursive):
            inner = path.relative_to(place).parts[:-1]
            yield MediaFile(path, inner[0] if inner else place.name or None)


def _walk(folder: Path, recursive: bool) -> Iterator[Path]:
    inner = []
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if not may_be_taken(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            inner.append(Path(entry.path))
        elif entry.is_file() and Path(entry.name).suffix.lower() in EXTENSIONS:
            yield Path(entry.path)
    if recursive:
        for one in inner:
            yield from _walk(one, recursive)
