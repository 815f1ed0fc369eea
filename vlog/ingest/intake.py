"""The body of a request as it comes: nobody waits for ever, and who waits can be asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from vlog import measures
from vlog.courtesy import Courtesy
from vlog.errors import UploadBusy, UploadInterrupted

# A browser that lost its network says nothing; without a limit its upload would wait for ever.
CHUNK_SECONDS = 60.0


class Intake:
    """Hands on the chunks of one body."""

    def __init__(self, courtesy: Courtesy, seconds: float = CHUNK_SECONDS) -> None:
        self._courtesy = courtesy
        self._seconds = seconds
        self._stopped = False
        self._limit: asyncio.Timeout | None = None

    def stop(self) -> None:
        """Wait no longer: somebody else goes on with this upload."""
        self._stopped = True
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def chunks(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks, each within the limit.

        Raises:
            UploadInterrupted: nothing came for too long.
            UploadBusy: `stop` was called.
        """
        chunks = aiter(stream)
        while True:
            if self._stopped:
                raise UploadBusy
            try:
                async with asyncio.timeout(self._seconds) as self._limit:
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                if self._stopped:
                    raise UploadBusy from error
                raise UploadInterrupted(
                    "Nothing arrived for a while, so the upload was given up. Send the file again."
                ) from error
            finally:
                self._limit = None
            measures.UPLOADED_BYTES.inc(len(chunk))
            yield chunk
            await self._courtesy.give_way()
