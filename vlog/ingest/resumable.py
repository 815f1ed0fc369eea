"""Uploads that go on after a lost network, a closed tab or a crash: piece by piece into one file.

One request at a time works on an upload. A newer one asks it to stop, because a client that comes
back after its network was lost is the same one whose old connection nobody has closed yet.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vlog.catalog import uploads
from vlog.courtesy import Courtesy
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import Upload
from vlog.database.types import now
from vlog.errors import (
    ChecksumMismatch,
    NotAVideo,
    NotFound,
    OffsetMismatch,
    PayloadTooLarge,
    Unavailable,
    UploadGone,
    UploadInterrupted,
    UploadStalled,
)
from vlog.ingest.acceptance import Acceptance
from vlog.ingest.incoming_file import LOOK_AT_DISK_EVERY, check_room, explained
from vlog.ingest.intake import CHUNK_SECONDS, Intake
from vlog.ingest.multipart import Form
from vlog.ingest.names import plain_name
from vlog.ingest.part_file import PartFile, cut, make_part_file
from vlog.ingest.probe import ProbeTimeout
from vlog.ingest.room import Room
from vlog.ingest.turns import TAKE_OVER_SECONDS, Turns
from vlog.ingest.tus import Part
from vlog.ingest.upload_fields import upload_fields
from vlog.ingest.upload_finishing import finish
from vlog.settings import IngestSettings
from vlog.tasks import to_the_end


@dataclass(frozen=True)
class UploadState:
    """An upload and how many of its bytes are there."""

    upload: Upload
    offset: int

    @property
    def is_whole(self) -> bool:
        return self.offset == self.upload.length


class ResumableUploads:
    """Receives uploads piece by piece. All times are in seconds."""

    def __init__(
        self,
        acceptance: Acceptance,
        settings: IngestSettings,
        *,
        chunk_seconds: float = CHUNK_SECONDS,
        take_over_seconds: float = TAKE_OVER_SECONDS,
        courtesy: Courtesy | None = None,
    ) -> None:
        self._courtesy = courtesy or Courtesy()
        self.acceptance = acceptance
        self.database = acceptance.database
        self.storage = acceptance.storage
        self.settings = settings
        self.room = Room(self.database, self.storage, settings)
        self._kept_for = timedelta(hours=settings.upload_expiry_hours)
        self._chunk_seconds = chunk_seconds
        self.turns = Turns(take_over_seconds)

    async def create(self, length: int, form: Form, metadata_header: str) -> UploadState:
        """Begin an upload of `length` bytes.

        Raises:
            Invalid, NotAVideo, NotFound, PayloadTooLarge, InsufficientStorage, Unavailable:
            nothing is begun.
        """
        if length == 0:
            raise NotAVideo("This file is empty.")
        fields = upload_fields(form)
        await self.room.require(length)
        upload = Upload(
            id=secrets.token_hex(16),
            length=length,
            filename=plain_name(form.filename)[:255],
            metadata_header=metadata_header,
            **fields.details,
            replaces_id=fields.replaces,
            expires_at=now() + self._kept_for,
        )
        # The file comes first: without its row the next start clears it away.
        try:
            await asyncio.to_thread(make_part_file, self._path(upload.id))
        except OSError as error:
            raise explained(error) from error
        try:
            await self.database.write(lambda session: uploads.add(session, upload))
        except BaseException:
            await self._unlink(upload.id)
            raise
        return UploadState(upload, 0)

    async def peek(self, upload_id: str) -> UploadState:
        """How far it is, without disturbing who works on it. Raises NotFound, Unavailable."""
        async with self.database.read() as session:
            upload = await uploads.require(session, upload_id)
        return UploadState(upload, await self._offset(upload))

    async def all(self) -> list[UploadState]:
        """Every upload that goes on or was finished lately, the oldest first."""
        async with self.database.read() as session:
            found = await uploads.listed(session)
        states = []
        for upload in found:
            # One that is removed at this moment is none any more.
            with suppress(NotFound):
                states.append(UploadState(upload, await self._offset(upload)))
        return states

    async def state(self, upload_id: str) -> UploadState:
        """Take over and say how far it is; what is whole is finished first.

        Raises:
            NotFound, UploadGone: it cannot go on.
            NotAVideo: it is whole, no video, and removed now.
            UploadBusy, InsufficientStorage, Unavailable: try again.
        """
        async with self.turns.take(upload_id):
            state = await self._going_on(upload_id)
            if state.is_whole and state.upload.video_id is None:
                return await self._finish(state.upload)
            return state

    async def append(self, upload_id: str, part: Part, stream: AsyncIterator[bytes]) -> UploadState:
        """Add the bytes of one request; with the last one the upload becomes a video.

        A part that was answered already is answered in the same way again.

        Raises:
            OffsetMismatch, PayloadTooLarge: the part does not fit; nothing is added.
            ChecksumMismatch: the part was thrown away.
            UploadStalled, InsufficientStorage, Unavailable: what came is kept.
            UploadBusy: a newer request goes on with it.
            NotFound, UploadGone, NotAVideo: it cannot go on.
        """
        async with self.turns.take(upload_id) as turn:
            state = await self._going_on(upload_id)
            length, intake = state.upload.length, Intake(self._courtesy, self._chunk_seconds)
            turn.read_with(intake)
            if state.upload.video_id is not None:
                return await _answer_again(state, part, intake.chunks(stream))
            if part.offset != state.offset:
                raise OffsetMismatch
            if part.offset + (part.length or 0) > length:
                raise _too_long(length)
            try:
                offset = await self._write(state, part, intake.chunks(stream))
            except UploadInterrupted as error:
                raise UploadStalled from error
            finally:
                turn.intake = None
                await self._touch(upload_id)
            if offset < length:
                return await self.peek(upload_id)
            return await self._finish(state.upload)

    async def change(self, upload_id: str, changes: dict[str, Any]) -> UploadState:
        """Change what was said of it, at any time.

        Raises:
            NotFound, Invalid: nothing is changed.
        """
        try:
            await self._change(upload_id, changes)
        except NotFound:
            if (await self.peek(upload_id)).upload.video_id is None:
                raise
            # It is becoming a video at this moment.
            async with self.turns.take(upload_id):
                await self._change(upload_id, changes)
        return await self.peek(upload_id)

    async def _change(self, upload_id: str, changes: dict[str, Any]) -> None:
        await self.database.write(
            lambda session: uploads.change(session, upload_id, changes), name="change upload"
        )

    async def terminate(self, upload_id: str) -> int | None:
        """Stop it and remove what came; the id of its video where it had become one, which stays.

        Raises:
            NotFound: there is no such upload.
            UploadBusy: it is becoming a video at this moment.
        """
        async with self.turns.take(upload_id):
            async with self.database.read() as session:
                upload = await uploads.require(session, upload_id)
            await self._remove(upload_id)
            return upload.video_id

    async def finish_or_expire(self, upload_id: str) -> bool:
        """Finish it where it is whole, remove it where it has expired; whether it was removed.

        Raises:
            NotFound, NotAVideo, UploadBusy, InsufficientStorage, Unavailable: it is neither.
        """
        async with self.turns.take(upload_id):
            state = await self._loaded(upload_id)
            if state.is_whole and state.upload.video_id is None:
                await self._finish(state.upload)
                return False
            expired = await self._has_expired(state)
            if expired:
                await self._remove(upload_id)
            return expired

    async def _has_expired(self, state: UploadState) -> bool:
        moment = now()
        if state.upload.expires_at >= moment:
            return False
        # A crash may have come before it was noted that bytes came.
        last = await asyncio.to_thread(self._last_written, state.upload.id)
        return last + self._kept_for < moment

    def _last_written(self, upload_id: str) -> datetime:
        """When the file grew last; long ago where it lies in its place by now."""
        try:
            return datetime.fromtimestamp(self._path(upload_id).stat().st_mtime, UTC)
        except FileNotFoundError:
            return datetime.fromtimestamp(0, UTC)

    async def _loaded(self, upload_id: str) -> UploadState:
        """As it is once what a crash left unverified has been thrown away."""
        state = await self.peek(upload_id)
        verified = state.upload.verified_to
        if verified is None or state.upload.video_id is not None:
            return state
        await self._throw_away(upload_id, min(verified, state.offset))
        return await self.peek(upload_id)

    async def _going_on(self, upload_id: str) -> UploadState:
        state = await self._loaded(upload_id)
        if state.upload.video_id is None and await self._has_expired(state):
            raise UploadGone
        return state

    async def _throw_away(self, upload_id: str, offset: int) -> None:
        try:
            await asyncio.to_thread(cut, self._path(upload_id), offset)
        except OSError as error:
            raise explained(error) from error
        await self._verified(upload_id, None)

    async def _verified(self, upload_id: str, offset: int | None) -> None:
        await self.database.write(lambda session: uploads.verified(session, upload_id, offset))

    async def _offset(self, upload: Upload) -> int:
        if upload.video_id is not None:
            return upload.length
        try:
            return (await asyncio.to_thread(self._path(upload.id).stat)).st_size
        except FileNotFoundError as error:
            if await asyncio.to_thread(self.storage.available):
                raise NotFound("There is no such upload any more.") from error
            raise Unavailable("The storage folder is not there now. Try again later.") from error
        except OSError as error:
            raise explained(error) from error

    async def _write(self, state: UploadState, part: Part, chunks: AsyncIterator[bytes]) -> int:
        """Add the chunks and return the new offset."""
        upload_id, length, checksum = state.upload.id, state.upload.length, part.checksum
        await check_room(self.storage, length - state.offset, self.settings.min_free_bytes)
        digest = None
        if checksum is not None:
            digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
            await self._verified(upload_id, state.offset)
        try:
            async with PartFile(self._path(upload_id), digest) as file:
                await self._pour(chunks, file, length)
            if checksum is not None and digest is not None:
                if not hmac.compare_digest(digest.digest(), checksum.digest):
                    raise ChecksumMismatch
                await self._verified(upload_id, None)
        except BaseException:
            if checksum is not None:
                await to_the_end(self._throw_away(upload_id, state.offset), name="throw part away")
            raise
        return file.size

    async def _pour(self, chunks: AsyncIterator[bytes], file: PartFile, length: int) -> None:
        looked_at = file.size
        async for chunk in chunks:
            if file.size + len(chunk) > length:
                raise _too_long(length)
            await file.write(chunk)
            if file.size - looked_at >= LOOK_AT_DISK_EVERY:
                looked_at = file.size
                await check_room(self.storage, 0, self.settings.min_free_bytes)
        await file.finish()

    async def _touch(self, upload_id: str) -> None:
        """It may be continued for some time from now on."""
        moment = now() + self._kept_for
        with suppress(DatabaseUnavailable):
            await self.database.write(lambda session: uploads.touch(session, upload_id, moment))

    async def _finish(self, upload: Upload) -> UploadState:
        """Make a video of a whole file. Where that cannot be done now the file stays."""
        try:
            await finish(self.acceptance, upload, self._path(upload.id))
        except ProbeTimeout:
            raise
        except NotAVideo:
            await self._remove(upload.id)
            raise
        return await self.peek(upload.id)

    async def _remove(self, upload_id: str) -> None:
        """The row goes first: a file without one is cleared away at the next start."""
        await self.database.write(lambda session: uploads.remove(session, upload_id))
        await self._unlink(upload_id)

    async def _unlink(self, upload_id: str) -> None:
        with suppress(OSError):
            await asyncio.to_thread(self._path(upload_id).unlink, missing_ok=True)

    def _path(self, upload_id: str) -> Path:
        return self.storage.incoming_file(uploads.part_name(upload_id))


async def _answer_again(
    state: UploadState, part: Part, chunks: AsyncIterator[bytes]
) -> UploadState:
    """The last part once more, whose answer was lost: its bytes are read and dropped."""
    length = state.upload.length
    if part.offset != length and part.offset + (part.length or length - part.offset) != length:
        raise OffsetMismatch
    async for _ in chunks:
        pass
    return state


def _too_long(length: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"More came than the {length:,} bytes that were announced.")
