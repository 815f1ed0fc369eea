"""Taking files in: an upload becomes a video whole, or leaves nothing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

from vlog.catalog import receiving
from vlog.catalog.receiving import LONGEST_TITLE, Arrival
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.errors import Invalid, PayloadTooLarge, UploadInterrupted
from vlog.ingest.incoming_file import IncomingFile
from vlog.ingest.multipart import Form, boundary_of, read_form
from vlog.ingest.names import extension_for, title_from
from vlog.ingest.probe import probe
from vlog.logs import get_logger
from vlog.settings import IngestSettings
from vlog.storage.local import LocalStorage

log = get_logger(__name__)

# A browser that lost its network says nothing; without a limit its upload would wait for ever.
CHUNK_SECONDS = 60.0
_MOST_NAMES = 1000
_LONGEST_DESCRIPTION = 20_000


class Receiver:
    """Receives uploads, and moves files that are whole to their places."""

    def __init__(
        self,
        database: Database,
        storage: LocalStorage,
        settings: IngestSettings,
        wake: Callable[[], None],
        *,
        chunk_seconds: float = CHUNK_SECONDS,
    ) -> None:
        self.database = database
        self.storage = storage
        self.settings = settings
        self.wake = wake
        self.chunk_seconds = chunk_seconds

    async def receive(
        self, stream: AsyncIterator[bytes], content_type: str, content_length: int | None
    ) -> Video:
        """Take one upload (multipart/form-data) and return its video, which then waits for work.

        Raises:
            BadRequest, Invalid, NotAVideo, PayloadTooLarge, InsufficientStorage,
            UploadInterrupted, NotFound: nothing of the upload stays.
        """
        boundary = boundary_of(content_type)
        largest = self.settings.max_upload_bytes
        if largest and content_length is not None and content_length > largest + 1024 * 1024:
            raise PayloadTooLarge(
                f"This file is larger than the {largest:,} bytes that this server takes."
            )
        name = f"{secrets.token_hex(16)}.part"
        incoming = IncomingFile(
            self.storage,
            name,
            min_free_bytes=self.settings.min_free_bytes,
            max_bytes=largest,
        )
        async with incoming:
            await incoming.check_room(content_length or 0)
            form = await read_form(self._in_time(stream), boundary, incoming.write)
            await incoming.finish()
            arrival = await self._arrival(form, incoming)
            video = await self.database.write(
                lambda session: receiving.register(session, arrival, name), name="register upload"
            )
            incoming.keep()
        await self.settle(video)
        return video

    async def _arrival(self, form: Form, incoming: IncomingFile) -> Arrival:
        fields = form.fields
        title = fields.get("title", "").strip() or title_from(form.filename)
        if len(title) > LONGEST_TITLE:
            raise Invalid(f"The title is too long: {LONGEST_TITLE} characters are allowed.")
        description = fields.get("description", "").strip()
        if len(description) > _LONGEST_DESCRIPTION:
            raise Invalid(
                f"The description is too long: {_LONGEST_DESCRIPTION:,} characters are allowed."
            )
        category = fields.get("category_id", "").strip()
        if category and not (category.isascii() and category.isdigit()):
            raise Invalid("`category_id` must be the number of a category.")
        publish = fields.get("publish", "true").strip().lower()
        if publish not in ("true", "false", "on", "off", "1", "0", ""):
            raise Invalid("`publish` must be true or false.")
        found = await probe(incoming.path)
        return Arrival(
            title=title,
            filename=form.filename,
            extension=extension_for(form.filename, found),
            size=incoming.size,
            sha256=incoming.sha256,
            description=description,
            category_id=int(category) if category else None,
            published=publish in ("true", "on", "1"),
        )

    async def _in_time(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks of a body, each within the limit."""
        chunks = aiter(stream)
        while True:
            try:
                async with asyncio.timeout(self.chunk_seconds):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise UploadInterrupted(
                    "Nothing arrived for a while, so the upload was given up. Send the file again."
                ) from error
            yield chunk

    async def settle(self, video: Video) -> None:
        """Move a registered file to its place and let the work on it begin."""
        incoming_name, source_name = video.incoming_name, video.source_name
        assert incoming_name is not None
        assert source_name is not None
        stem = Path(source_name)
        for number in range(2, _MOST_NAMES):
            try:
                await asyncio.to_thread(self.storage.accept, incoming_name, source_name)
                break
            except FileExistsError:
                # Somebody dropped a file of just this name; that one is theirs.
                source_name = f"{stem.stem}-{number}{stem.suffix}"
                await self.database.write(
                    partial(receiving.rename_source, video_id=video.id, source_name=source_name)
                )
        await self.database.write(lambda session: receiving.mark_received(session, video.id))
        log.info(
            "A video came in.",
            action="video_received",
            video_id=video.id,
            slug=video.slug,
            size=video.source_size,
            origin=video.origin,
        )
        self.wake()

    async def recover(self) -> None:
        """After a start: finish what was between two places, and clear away what was in flight."""
        async with self.database.read() as session:
            unfinished = await receiving.unfinished(session)
        for video in unfinished:
            await self._recover_one(video)
        async with self.database.read() as session:
            owned = await receiving.owned_incoming(session)
        removed = await asyncio.to_thread(self._clear_incoming, owned)
        if removed:
            log.info(
                "Uploads that were cut off by the last stop were removed.",
                action="incoming_cleared",
                files=removed,
            )

    async def _recover_one(self, video: Video) -> None:
        assert video.incoming_name is not None
        assert video.source_name is not None
        incoming = self.storage.incoming_file(video.incoming_name)
        source = self.storage.source(video.source_name)
        if await asyncio.to_thread(_are_one_file, incoming, source):
            # The crash came between the two halves of a move: one file with both names.
            await asyncio.to_thread(incoming.unlink)
        if await asyncio.to_thread(incoming.exists):
            await self.settle(video)
        elif await asyncio.to_thread(source.exists):
            await self.database.write(lambda session: receiving.mark_received(session, video.id))
        else:
            await self.database.write(lambda session: receiving.forget(session, video.id))

    def _clear_incoming(self, owned: set[str]) -> int:
        removed = 0
        for path in self.storage.incoming.iterdir():
            if path.name not in owned and path.is_file():
                path.unlink(missing_ok=True)
                removed += 1
        return removed


def _are_one_file(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
