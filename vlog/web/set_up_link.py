"""The link that sets the first password: made at a start, good for one use, and for a day."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable

from vlog.catalog.opaque_tokens import digest_of, new_token

PATH = "/set-up"
SECONDS = 24 * 3600.0


class SetUpLink:
    """Lives in memory alone: another start makes another one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._digest: str | None = None
        self._until = 0.0

    def make(self, base: str) -> str:
        """A new address that opens the page, below `base`. The one before is good no more."""
        key = new_token()
        self._digest, self._until = digest_of(key), self._clock() + SECONDS
        return f"{base}{PATH}?key={key}"

    def opens(self, key: str) -> bool:
        """Whether this is the key, still in its time and never used."""
        if self._digest is None or self._clock() >= self._until:
            return False
        return hmac.compare_digest(self._digest, digest_of(key))

    def use_up(self) -> None:
        """From here on it opens nothing."""
        self._digest = None
