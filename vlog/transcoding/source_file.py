"""Originals that cannot be had: no further attempt would change that."""

from __future__ import annotations

import asyncio
from pathlib import Path

from vlog.errors import NotAVideo
from vlog.storage.files import read_through

# Tools say nothing while they read: the slowest disk that a source may lie on, in bytes/s.
SLOWEST_DISK = 5_000_000


class SourceMissing(NotAVideo):
    """The original file is not where it was left. Upload the video again."""

    code = "source_missing"


class SourceUnreadable(NotAVideo):
    """The original file cannot be read: its disk gives errors, or VLog may not open it."""

    code = "source_unreadable"


async def prove_readable(path: Path) -> None:
    """Read the whole file, after a tool has complained of "Input/output error".

    The words alone prove nothing: some demuxers say them at the end of a file that was cut off.

    Raises:
        SourceUnreadable: the disk does not give every byte.
    """
    try:
        await asyncio.to_thread(read_through, path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SourceUnreadable from error
