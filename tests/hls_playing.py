"""What every client that plays HLS in real time needs: segments of a playlist, and a buffer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

# A player keeps so many seconds ahead, and begins with so few.
BUFFER_SECONDS = 30.0
START_SECONDS = 6.0
_EXTINF = re.compile(r"#EXTINF:([0-9.]+)")


def segments_in(address: str, playlist: str) -> list[tuple[str, float]]:
    """The addresses of the segments that a media playlist names, with their lengths in seconds."""
    lines = playlist.splitlines()
    return [
        (urljoin(address, lines[place + 1]), float(match[1]))
        for place, line in enumerate(lines)
        if (match := _EXTINF.match(line))
    ]


@dataclass
class Buffer:
    """What is loaded and not played yet. Seconds of `clock`."""

    clock: Callable[[], float]
    loaded: float = 0.0
    # The moment at which what is loaded has been played; none before playing begins.
    played_until: float | None = None

    @property
    def too_full_for(self) -> float:
        """How long nothing more need be loaded."""
        if self.played_until is None:
            return 0.0
        return max(0.0, self.played_until - self.clock() - BUFFER_SECONDS)

    @property
    def ahead(self) -> float:
        """Seconds that can be played with nothing more; negative since it ran empty."""
        return self.loaded if self.played_until is None else self.played_until - self.clock()

    def add(self, duration: float) -> float | None:
        """A segment came; how long the picture had stood still for it, if it had."""
        moment = self.clock()
        self.loaded += duration
        if self.played_until is None:
            if self.loaded >= START_SECONDS * 0.9:
                self.played_until = moment + self.loaded
            return None
        late = moment - self.played_until
        self.played_until = max(self.played_until, moment) + duration
        return late if late > 0 else None
