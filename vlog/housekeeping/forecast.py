"""How long the free space lasts at the present pace. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(days=30)
# Of less than this nothing can be said.
_LEAST_SPAN = timedelta(days=3)
_LEAST_POINTS = 4
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Forecast:
    """The pace in bytes a day over so many days; `days_left` is None where nothing grows."""

    bytes_per_day: float
    over_days: float
    days_left: float | None


def forecast(
    points: Sequence[tuple[datetime, int]], free_bytes: int, moment: datetime
) -> Forecast | None:
    """The pace of the last 30 days, or None where too little is known.

    The line through all points (least squares): one large upload just before the last look, or a
    clean-up, does not decide alone.

    Args:
        points: when it was measured, and the bytes that were taken.
        free_bytes: what may still be written.
        moment: now.
    """
    recent = sorted(point for point in points if point[0] >= moment - WINDOW)
    if len(recent) < _LEAST_POINTS:
        return None
    span = recent[-1][0] - recent[0][0]
    if span < _LEAST_SPAN:
        return None
    days = [(at - recent[0][0]).total_seconds() / _DAY_SECONDS for at, _ in recent]
    middle, mean = sum(days) / len(days), sum(size for _, size in recent) / len(recent)
    spread = sum((day - middle) ** 2 for day in days)
    slope = (
        sum((day - middle) * (size - mean) for day, (_, size) in zip(days, recent, strict=True))
        / spread
    )
    return Forecast(
        bytes_per_day=round(slope),
        over_days=round(span.total_seconds() / _DAY_SECONDS, 1),
        days_left=round(max(0, free_bytes) / slope, 1) if slope >= 1 else None,
    )
