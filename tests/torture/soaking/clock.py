"""Time that the soak itself has run: who stops it for a while stops its clock too."""

from __future__ import annotations

import asyncio
import time

_TICK_SECONDS = 0.2
# A longer gap between two looks is a time in which the soak stood still, or got no processor.
_STOOD_STILL_SECONDS = 1.5


class Clock:
    """Counts seconds between its own steps. For one thread."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._last = time.monotonic()
        # Times without us, by `time.monotonic`.
        self.gaps: list[tuple[float, float]] = []

    def now(self) -> float:
        """Seconds that were run so far."""
        moment = time.monotonic()
        passed = moment - self._last
        if passed > _STOOD_STILL_SECONDS:
            self.gaps.append((self._last, moment))
        self._seconds += min(passed, _STOOD_STILL_SECONDS)
        self._last = moment
        return self._seconds

    async def tick(self) -> None:
        """Look again and again, so that gaps are seen as such."""
        while True:
            self.now()
            await asyncio.sleep(_TICK_SECONDS)

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds of this clock."""
        end = self.now() + seconds
        while (left := end - self.now()) > 0:
            await asyncio.sleep(min(left, 1.0))

    def stood_still(self, begin: float, end: float) -> float:
        """Seconds between two moments of `time.monotonic` in which we did not run."""
        self.now()
        return sum(max(0.0, min(end, to) - max(begin, since)) for since, to in self.gaps)
