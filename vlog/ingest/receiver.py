"""Taking files in: an upload becomes a video whole, or leaves nothing."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from vlog.catalog.receiving import Arrival
from vlog.courtesy import Courtesy
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.errors import Invalid
from vlog.ingest.acceptance import Acceptance
from vlog.ingest.incoming_file import IncomingFile, explained
from vlog.ingest.intake import CHUNK_SECONDS, Intake
from vlog.ingest.multipart import Form, boundary_of, read_form
from vlog.ingest.names import extension_for, plain_name
from vlog.ingest.probe import probe
from vlog.ingest.recovery import UPLOAD_SUFFIX, recover
from vlog.ingest.room import Room
from vlog.ingest.upload_fields import UploadFields, upload_fields
from vlog.settings import IngestSettings
from vlog.storage.local import LocalStorage
from vlog.tasks import to_the_end

# What a form may weigh beside its file.
_FORM_BYTES = 1024 * 1024


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
        courtesy: Courtesy | None = None,
    ) -> None:
        self._courtesy = courtesy or Courtesy()
        self.storage = storage
        self.settings = settings
        self.acceptance = Acceptance(database, storage, wake)
        self.room = Room(database, storage, settings)
        self.chunk_seconds = chunk_seconds

    async def receive(
        self, stream: AsyncIterator[bytes], content_type: str, content_length: int | None
    ) -> Video:
        """Take one upload (multipart/form-data) and return its video, which then waits for work.

        Raises:
            BadRequest, Invalid, NotAVideo, PayloadTooLarge, InsufficientStorage,
            UploadInterrupted, Unavailable, NotFound: nothing of the upload stays.
        """
        boundary = boundary_of(content_type)

        async def read(incoming: IncomingFile) -> Form:
            return await read_form(
                Intake(self._courtesy, self.chunk_seconds).chunks(stream),
                boundary,
                incoming.write,
                before_file=_fields_of_new,
            )

        return await self._take(read, content_length, _FORM_BYTES)

    async def receive_file(
        self, stream: AsyncIterator[bytes], form: Form, content_length: int | None
    ) -> Video:
        """Take one upload whose body is the file itself, and return its video.

        Raises:
            What `receive` raises; and then too nothing of the upload stays.
        """
        _fields_of_new(form)

        async def read(incoming: IncomingFile) -> Form:
            async for chunk in Intake(self._courtesy, self.chunk_seconds).chunks(stream):
                await incoming.write(chunk)
            return form

        return await self._take(read, content_length, 0)

    async def _take(
        self,
        read: Callable[[IncomingFile], Awaitable[Form]],
        content_length: int | None,
        beside_file: int,
    ) -> Video:
        await self.room.require(max(0, (content_length or 0) - beside_file))
        name = f"{secrets.token_hex(16)}{UPLOAD_SUFFIX}"
        incoming = IncomingFile(
            self.storage,
            name,
            min_free_bytes=self.settings.min_free_bytes,
            max_bytes=self.settings.max_upload_bytes,
        )
        async with incoming:
            form = await read(incoming)
            fields = _fields_of_new(form)
            await incoming.finish()
            if content_length is None:
                (await self.room.look()).require_quota(incoming.size)
            found = await probe(incoming.path)
            arrival = Arrival(
                **fields.details,
                filename=plain_name(form.filename),
                extension=extension_for(form.filename, found),
                size=incoming.size,
                sha256=incoming.sha256,
            )
            incoming.keep()
            return await to_the_end(self._accept(arrival, name), name="accept upload")

    async def _accept(self, arrival: Arrival, name: str) -> Video:
        """Make a video of a file that is whole in `.incoming`; where that fails it goes."""
        try:
            video = await self.acceptance.register(arrival, name)
            try:
                await self.acceptance.settle(video)
            except Exception:
                await self.acceptance.forget(video)
                raise
        except BaseException as error:
            with suppress(OSError):
                await asyncio.to_thread(self.storage.incoming_file(name).unlink, missing_ok=True)
            if isinstance(error, OSError):
                raise explained(error) from error
            raise
        return video

    async def recover(self) -> None:
        """After a start: finish what was between two places, and clear away what was in flight."""
        await recover(self.acceptance)


def _fields_of_new(form: Form) -> UploadFields:
    """The fields of a file that becomes a video of its own. Raises Invalid, NotAVideo."""
    fields = upload_fields(form)
    if fields.replaces is not None:
        raise Invalid("Only a resumable upload (tus) can take the place of a video's file.")
    return fields
