"""One at a time works on an upload, and who comes later takes over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from vlog.errors import UploadBusy
from vlog.ingest.intake import Intake

# Who takes over waits so long for a write, a look into the file and its move to end.
TAKE_OVER_SECONDS = 45.0


@dataclass
class Turn:
    """Who works on an upload, and how many wait to do so."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    intake: Intake | None = None

    def read_with(self, intake: Intake) -> None:
        """Whoever comes stops `intake` from here on. Raises UploadBusy where somebody waits."""
        if self.waiting:
            raise UploadBusy
        self.intake = intake


class Turns:
    """The turns of all uploads."""

    def __init__(self, seconds: float = TAKE_OVER_SECONDS) -> None:
        self._seconds = seconds
        self._turns: dict[str, Turn] = {}

    def __contains__(self, upload_id: str) -> bool:
        """Whether somebody works on it now."""
        return upload_id in self._turns

    @asynccontextmanager
    async def take(self, upload_id: str) -> AsyncIterator[Turn]:
        """Work alone on an upload; whoever reads a body for it is asked to stop.

        Raises:
            UploadBusy: the one before did not end in time.
        """
        turn = self._turns.setdefault(upload_id, Turn())
        turn.waiting += 1
        if turn.intake is not None:
            turn.intake.stop()
        try:
            async with asyncio.timeout(self._seconds):
                await turn.lock.acquire()
        except TimeoutError as error:
            raise UploadBusy from error
        finally:
            turn.waiting -= 1
            self._forget(upload_id, turn)
        try:
            yield turn
        finally:
            turn.intake = None
            turn.lock.release()
            self._forget(upload_id, turn)

    def _forget(self, upload_id: str, turn: Turn) -> None:
        if not turn.waiting and not turn.lock.locked():
            self._turns.pop(upload_id, None)
