"""Which files have stopped growing. Pure: it is told what was seen and when."""

from __future__ import annotations

from dataclasses import dataclass

# Names under which browsers, copiers and editors write what is not whole yet.
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download", "~")


@dataclass(frozen=True)
class Sighting:
    """A file as it was at one look: bytes, and nanoseconds since 1970."""

    size: int
    modified: int


@dataclass(frozen=True)
class _Steady:
    sighting: Sighting
    since: float


class Settling:
    """Remembers how long each file has stayed the same."""

    def __init__(self, settle_seconds: float) -> None:
        self.settle_seconds = settle_seconds
        self._steady: dict[str, _Steady] = {}

    def look(self, seen: dict[str, Sighting], moment: float) -> list[str]:
        """Tell what is there at `moment` (seconds); the names that have settled, sorted."""
        steady: dict[str, _Steady] = {}
        for name, sighting in seen.items():
            before = self._steady.get(name)
            same = before is not None and before.sighting == sighting
            steady[name] = before if before is not None and same else _Steady(sighting, moment)
        self._steady = steady
        return sorted(
            name
            for name, state in steady.items()
            if state.sighting.size > 0 and moment - state.since >= self.settle_seconds
        )

    def next_settled(self, moment: float) -> float | None:
        """Seconds until the next file may have settled, or None where none is on its way."""
        waits = [
            state.since + self.settle_seconds - moment
            for state in self._steady.values()
            if moment - state.since < self.settle_seconds
        ]
        return min(waits, default=None)


def may_be_taken(name: str) -> bool:
    """Whether a name is that of a finished, visible file."""
    return not name.startswith(".") and not name.lower().endswith(_UNFINISHED)
