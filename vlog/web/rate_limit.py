"""How often somebody may ask, in memory of a fixed size."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST_KEYS = 10_000


class RateLimit:
    """At most `count` requests of each key at once, and no more than so many each `seconds`.

    For each key one number is kept: the time at which all that was allowed is used up (generic
    cell rate algorithm, ITU-T I.371). Beyond `most_keys` the one that asked longest ago is
    forgotten.
    """

    def __init__(
        self,
        count: int,
        seconds: float,
        *,
        most_keys: int = MOST_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval = seconds / count
        self._window = seconds
        self._most_keys = most_keys
        self._clock = clock
        self._used_until: OrderedDict[Hashable, float] = OrderedDict()

    def allows(self, key: Hashable) -> bool:
        """Whether one more request is in order; if so, it is counted."""
        used_until = self._next(key)
        if used_until is None:
            return False
        self._used_until[key] = used_until
        self._used_until.move_to_end(key)
        if len(self._used_until) > self._most_keys:
            self._used_until.popitem(last=False)
        return True

    def would_allow(self, key: Hashable) -> bool:
        """The same without counting it."""
        return self._next(key) is not None

    def _next(self, key: Hashable) -> float | None:
        moment = self._clock()
        used_until = max(self._used_until.get(key, moment), moment) + self._interval
        # Floating point must not cost the last one.
        late = used_until - moment > self._window + self._interval / 1000
        return None if late else used_until


class Once:
    """Things that count once within so many `seconds`; the oldest are forgotten beyond `most`."""

    def __init__(
        self, seconds: float, *, most: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._seen: OrderedDict[Hashable, float] = OrderedDict()

    def is_new(self, key: Hashable) -> bool:
        """Whether this did not count lately; if so, it counts now."""
        moment = self._clock()
        while self._seen and next(iter(self._seen.values())) <= moment - self._seconds:
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        self._seen[key] = moment
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return True
