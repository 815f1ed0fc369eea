"""Claiming a dropped file: it moves out of the folder under the id of its new video."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from vlog.catalog.receiving import Arrival
from vlog.ingest.acceptance import Acceptance, put_beside
from vlog.ingest.settling import Sighting
from vlog.storage.files import move_without_replacing


async def take_drop(
    acceptance: Acceptance, path: Path, arrival: Arrival, sighting: Sighting
) -> bool:
    """Make a video of a file that has settled; False where it went or changed after all.

    Raises:
        OSError, DatabaseUnavailable, Unavailable: the file is in the folder again and has no row.
    """
    video = await acceptance.register(arrival, None)
    assert video.incoming_name is not None
    claimed = acceptance.storage.incoming_file(video.incoming_name)
    try:
        taken = await asyncio.to_thread(_claim, path, claimed, sighting)
        if taken:
            await acceptance.settle(video)
    except Exception:
        await asyncio.to_thread(_give_back, claimed, path)
        await acceptance.forget(video)
        raise
    if not taken:
        await acceptance.forget(video)
    return taken


def _claim(path: Path, claimed: Path, sighting: Sighting) -> bool:
    """Move the file to `.incoming`; False where it went or changed, and then it is back."""
    try:
        move_without_replacing(path, claimed)
    except (FileNotFoundError, FileExistsError):
        return False
    found = claimed.stat()
    if Sighting(found.st_size, found.st_mtime_ns) == sighting:
        return True
    put_beside(claimed, path)
    return False


def _give_back(claimed: Path, path: Path) -> None:
    with suppress(OSError):
        if claimed.exists():
            put_beside(claimed, path)
