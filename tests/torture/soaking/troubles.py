"""When something was done to the server, and what was found that this does not explain."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.torture.soaking.clock import Clock

# Others had the processors: whatever is late is late because of that.
STARVED = "starved"


@dataclass
class Trouble:
    """Something that was done, with its moments by `time.monotonic`; without an end it goes on."""

    kind: str
    begin: float
    end: float | None = None


class Troubles:
    """Keeps the times of all of them. For one thread."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.all: list[Trouble] = []
        self.findings: list[str] = []
        self._times: Counter[str] = Counter()

    @contextmanager
    def going_on(self, kind: str) -> Iterator[None]:
        """While this lasts, what it breaks is no finding."""
        trouble = Trouble(kind, time.monotonic())
        self.all.append(trouble)
        try:
            yield
        finally:
            trouble.end = time.monotonic()

    def explain(self, begin: float, end: float, *kinds: str, grace: float = 0.0) -> str | None:
        """What went on at some moment from `begin` to `end`, or up to `grace` seconds before."""
        if self.clock.stood_still(begin - grace, end) > 0:
            return "stood still"
        kinds = (*kinds, STARVED)
        for trouble in reversed(self.all):
            ended = trouble.end is not None and trouble.end < begin - grace
            if trouble.kind in kinds and trouble.begin <= end and not ended:
                return trouble.kind
        return None

    def note(self, kind: str, begin: float, end: float) -> None:
        """Something that has gone on, as is known now."""
        last = self.all[-1] if self.all else None
        if last is not None and last.kind == kind and last.end == begin:
            last.end = end
        else:
            self.all.append(Trouble(kind, begin, end))

    def seconds(self, kind: str) -> float:
        """How long it went on in all."""
        return sum(one.end - one.begin for one in self.all if one.kind == kind and one.end)

    def count(self, *kinds: str) -> int:
        """How often something was done."""
        return sum(trouble.kind in kinds for trouble in self.all)

    def find(self, kind: str, what: str) -> None:
        """Something that nothing explains. Of each kind a few are told in full."""
        self._times[kind] += 1
        text = f"{kind}: {what}"
        if self._times[kind] <= 20:
            print(f"{time.strftime('%H:%M:%S')} FOUND {text}", flush=True)
            self.findings.append(text)

    def summary(self) -> dict[str, int]:
        """How many were found of each kind."""
        return dict(self._times)
