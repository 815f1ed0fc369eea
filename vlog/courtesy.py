"""Those who only ask go first: uploads let short requests pass.

Four uploads at the full speed of a disk keep the event loop busy all the time, and a request needs
some thirty turns of it. With all four served in each turn a small answer took 45 ms instead of 3.
Now one upload goes on in a turn, none while somebody waits, and while there are visitors all of
them rest a little now and then, because their bytes keep the kernel busy as well: 4.6 ms, with
160 MB/s coming in, which is more than a line of a gigabit brings.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

# However many ask: at 64 KiB a piece, an upload still gets 6 MB/s.
LONGEST_SECONDS = 0.01
# The event loop's timer knows no shorter rest than a millisecond. Measured on two processors, the
# 95th percentile beside idle and MB/s: never 3.0 and 220, every 8 pieces 1.9 and 163, 4: 1.6, 123.
_REST_SECONDS = 0.001
_PIECES_BETWEEN_RESTS = 8
_VISIT_SECONDS = 1.0


class Courtesy:
    """Counts who waits for an answer, and makes uploads take turns. For one event loop."""

    def __init__(self, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._longest_seconds = longest_seconds
        self._asking = 0
        self._asked_at = -_VISIT_SECONDS
        self._pieces = 0
        self._turn = asyncio.Lock()
        self._waiting: set[asyncio.Future[None]] = set()

    def arrive(self) -> None:
        """Somebody waits for an answer from now on."""
        self._asking += 1
        self._asked_at = time.monotonic()

    def leave(self) -> None:
        """Somebody who arrived waits no longer."""
        self._asking -= 1
        if self._asking:
            return
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def _rest(self) -> float:
        self._pieces = (self._pieces + 1) % _PIECES_BETWEEN_RESTS
        visited = time.monotonic() - self._asked_at < _VISIT_SECONDS
        return _REST_SECONDS if visited and not self._pieces else 0

    async def give_way(self) -> None:
        """Wait for the own turn, and until nobody waits for an answer, but not for long."""
        async with self._turn:
            await asyncio.sleep(self._rest())
        if not self._asking:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(waiting, self._longest_seconds)
        finally:
            self._waiting.discard(waiting)
