"""After a start: files that a crash left between two places, and those nobody waits for."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from vlog.catalog import receiving, replacements, uploads
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import Video
from vlog.errors import Unavailable
from vlog.ingest.acceptance import Acceptance, Arriving, are_one_file, put_beside
from vlog.ingest.names import plain_name
from vlog.logs import get_logger

log = get_logger(__name__)

# Uploads in flight end in this; a claimed drop is named by the id of its video.
UPLOAD_SUFFIX = ".part"


async def recover(acceptance: Acceptance) -> None:
    """Complete or forget every row that is still receiving, and clear `.incoming`."""
    if not await asyncio.to_thread(acceptance.storage.available):
        # Nothing can be said of files that nobody sees now.
        return
    async with acceptance.database.read() as session:
        unfinished: list[Arriving] = [
            *await receiving.unfinished(session),
            *await replacements.unfinished(session),
        ]
    for row in unfinished:
        try:
            await _recover_one(acceptance, row)
        except (OSError, Unavailable, DatabaseUnavailable) as error:
            log.error(
                "A file that had just come in cannot be moved. It is tried at the next start.",
                action="recovery_failed",
                video_id=row.id if isinstance(row, Video) else row.video_id,
                exc_info=error,
            )
    async with acceptance.database.read() as session:
        owned = await receiving.owned_incoming(session) | await uploads.owned_incoming(session)
    await asyncio.to_thread(_clear_incoming, acceptance, owned)


async def _recover_one(acceptance: Acceptance, row: Arriving) -> None:
    place = await asyncio.to_thread(_place_of, acceptance, row)
    if isinstance(row, Video):
        await _recover_video(acceptance, row, place)
    elif place == "incoming":
        await acceptance.settle_replacement(row)
    elif place == "source":
        await acceptance.mark_replacement_received(row)
    else:
        await acceptance.forget_replacement(row)


async def _recover_video(acceptance: Acceptance, video: Video, place: str) -> None:
    if place == "incoming":
        await acceptance.settle(video)
    elif place == "source":
        await acceptance.mark_received(video)
    else:
        await acceptance.forget(video)


def _place_of(acceptance: Acceptance, row: Arriving) -> str:
    """Where the file is: incoming, source or nowhere."""
    assert row.incoming_name is not None
    assert row.source_name is not None
    storage = acceptance.storage
    incoming = storage.incoming_file(row.incoming_name)
    source = storage.source(row.source_name)
    # A crash between the two halves of a move leaves one file with both names.
    if are_one_file(incoming, source):
        incoming.unlink()
    elif incoming.exists():
        if isinstance(row, Video) and row.origin == "watched" and row.source_filename:
            dropped = storage.uploads / plain_name(row.source_filename)
            if are_one_file(incoming, dropped):
                dropped.unlink()
        return "incoming"
    # A drop that was not claimed yet lies under its own name; what lies here may be another one.
    if source.is_file() and source.stat().st_size == row.source_size:
        return "source"
    return "nowhere"


def _clear_incoming(acceptance: Acceptance, owned: set[str]) -> None:
    storage = acceptance.storage
    for path in storage.incoming.iterdir():
        if path.name in owned or not path.is_file():
            continue
        with suppress(OSError):
            if path.suffix == UPLOAD_SUFFIX or path.name.startswith("."):
                path.unlink()
                log.info(
                    "An upload that the last stop cut off was removed.",
                    action="incoming_cleared",
                    file=path.name,
                )
            else:
                back = put_beside(path, storage.uploads / path.name)
                log.warning(
                    "A dropped file that belongs to no video was put back.",
                    action="drop_put_back",
                    file=back.name,
                )
