"""Days and hours of any time zone as runs of quarter-hours. Pure.

Every time zone in use is a whole number of quarter-hours away from UTC (Nepal 5:45, the Chatham
Islands 12:45), so sums by the quarter-hour answer for the days of each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from vlog.errors import Invalid

QUARTER_SECONDS = 900
MOST_SPANS = 1100


@dataclass(frozen=True)
class Span:
    """From one quarter-hour up to, but not with, another. `label` says it in its own zone."""

    label: str
    start: datetime
    first: int
    after: int


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone `name`. Raises Invalid."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise Invalid(
            f"There is no time zone {name[:64]!r}. Use one such as Europe/Berlin."
        ) from error


def quarter_of(moment: datetime) -> int:
    """The quarter-hour of a moment, counted from 1970."""
    return int(moment.timestamp()) // QUARTER_SECONDS


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which a day begins, also where the clock jumps over midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days(first: date, last: date, zone: ZoneInfo) -> list[Span]:
    """Each day from `first` to `last`. Raises Invalid for too many or none."""
    count = (last - first).days + 1
    _check(count)
    starts = [start_of_day(first + timedelta(days=number), zone) for number in range(count + 1)]
    return [
        Span(start.astimezone(zone).date().isoformat(), start, quarter_of(start), quarter_of(after))
        for start, after in pairwise(starts)
    ]


def hours(first: date, last: date, zone: ZoneInfo) -> list[Span]:
    """Each hour of the days from `first` to `last`; a day has 23 or 25 when the clock changes."""
    _check(24 * ((last - first).days + 1))
    spans = []
    for day in days(first, last, zone):
        # Where the clock moves by half an hour the last piece of the day is a short one.
        edges = [*range(day.first, day.after, 4), day.after]
        for begin, after in pairwise(edges):
            start = datetime.fromtimestamp(begin * QUARTER_SECONDS, UTC)
            label = start.astimezone(zone).isoformat(timespec="minutes")
            spans.append(Span(label, start, begin, after))
    return spans


def _check(count: int) -> None:
    if count < 1:
        raise Invalid("The first day must not come after the last.")
    if count > MOST_SPANS:
        raise Invalid(f"That is more than {MOST_SPANS} points. Ask for fewer days, or by day.")


@dataclass(frozen=True)
class Starts:
    """The quarter-hours in which today, this week (from Monday) and this month began."""

    today: int
    week: int
    month: int


def starts_at(moment: datetime, zone: ZoneInfo) -> Starts:
    """When the present day, week and month began in a zone."""
    today = moment.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return Starts(
        *(quarter_of(start_of_day(day, zone)) for day in (today, monday, today.replace(day=1)))
    )
