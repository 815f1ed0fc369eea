"""Secrets between the page that makes them and the page that shows them, once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

_SECONDS = 120.0
_MOST = 100


class ShownOnce:
    """In memory alone, and only for who made it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, str]] = OrderedDict()

    def keep(self, key: Hashable, secret: str) -> None:
        """Keep it for two minutes."""
        self._kept[key] = (self._clock() + _SECONDS, secret)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def take(self, key: Hashable) -> str | None:
        """The secret, if nobody has had it yet."""
        until, secret = self._kept.pop(key, (0.0, ""))
        return secret if self._clock() < until else None
