"""The sums that every report is made of."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case

from vlog.catalog.analytics_watching import PLAY_SECONDS
from vlog.database.schema import PlaybackSession, Video


@dataclass
class Figures:
    """Sums. `viewers` is None where it is not known any more."""

    views: int = 0
    viewers: int | None = 0
    plays: int = 0
    completions: int = 0
    watched_ms: int = 0

    @property
    def watched_seconds(self) -> float:
        """Seconds that were watched."""
        return self.watched_ms / 1000

    @property
    def average_seconds(self) -> float:
        """Seconds that were watched of a play."""
        return self.watched_seconds / self.plays if self.plays else 0.0

    @property
    def completion_rate(self) -> float:
        """Share of the plays that saw nearly all of the video, 0 to 1."""
        return self.completions / self.plays if self.plays else 0.0


def has_played() -> ColumnElement[bool]:
    """The same rule as `is_play`, in SQL."""
    least = case((Video.duration / 2 < PLAY_SECONDS, Video.duration / 2), else_=PLAY_SECONDS)
    watched = PlaybackSession.duration_watched
    return (watched >= least) & (watched > 0)
