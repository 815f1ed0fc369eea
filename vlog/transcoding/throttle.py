"""Doing something at most once in a while."""

from __future__ import annotations

import time


class Throttle:
    """Says when at least `seconds` have passed since it last said so."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._last = -seconds

    def due(self) -> bool:
        """Whether it is time again; if so, the wait starts anew."""
        moment = time.monotonic()
        if moment - self._last < self.seconds:
            return False
        self._last = moment
        return True
