"""How pages put times, sizes and texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

from vlog.catalog.timestamps import TIME, seconds_of
from vlog.sizes import readable_size
from vlog.web.models.progress import ProgressOut

ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_CODE = re.compile(r"`([^`]+)`")
PAIRS = {")": "(", "]": "[", "}": "{"}


def duration(seconds: float | None) -> str:
    """3723.4 -> 1:02:03, 65 -> 1:05."""
    whole = max(0, int(seconds or 0))
    hours, rest = divmod(whole, 3600)
    minutes, last = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{last:02}" if hours else f"{minutes}:{last:02}"


def size(count: int | None) -> str:
    """2811553 -> 2.8 MB; nothing where it is not known."""
    return "" if count is None else readable_size(count)


def when(moment: datetime, now: datetime | None = None) -> Markup:
    """A `<time>` that says how long ago, or the date where that is more than a week."""
    text = _ago((now or datetime.now(UTC)) - moment) or f"{moment.day} {moment:%B %Y}"
    title = f"{moment.day} {moment:%B %Y, %H:%M} {moment.tzname() or ''}".strip()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(), title, text
    )


def day(moment: datetime) -> Markup:
    """A `<time>` that says the day: 6 May 2026."""
    return Markup('<time datetime="{}">{}</time>').format(
        moment.isoformat(), f"{moment.day} {moment:%b %Y}"
    )


def prose(sentence: str) -> Markup:
    """A sentence that names commands and settings between backticks, with these as code."""
    pieces = _CODE.split(sentence)
    return Markup("").join(
        Markup('<code class="tag-code">{}</code>').format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )


def _ago(past: timedelta) -> str:
    minutes = int(past.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    for limit, unit, length in ((60, "minute", 1), (1440, "hour", 60), (10080, "day", 1440)):
        if minutes < limit:
            count = minutes // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return ""


def view_count(count: int) -> str:
    """1 -> 1 view, 1234 -> 1,234 views, 1234567 -> 1.2M views."""
    if count < 10_000:
        return f"{count:,} view{'' if count == 1 else 's'}"
    value, unit = (count / 1000, "K") if count < 999_500 else (count / 1_000_000, "M")
    return f"{value:.1f}{unit} views" if value < 10 else f"{value:,.0f}{unit} views"


def shorten(text: str, length: int) -> str:
    """One line of at most `length` characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(",.;:") + "…"


def linkify(text: str, *, seekable: bool = False) -> Markup:
    """Plain text as HTML whose web addresses are links, and times too where they can be sought.

    Everything is escaped.
    """
    parts: list[Markup] = []
    position = 0
    for match in ADDRESS.finditer(text):
        address = _without_tail(match.group())
        parts += [_plain(text[position : match.start()], seekable), _link(address)]
        position = match.start() + len(address)
    parts.append(_plain(text[position:], seekable))
    return Markup("").join(parts)


def _plain(text: str, seekable: bool) -> Markup:
    if not seekable:
        return escape(text)
    parts: list[Markup] = []
    position = 0
    for match in TIME.finditer(text):
        parts += [
            escape(text[position : match.start()]),
            time_link(match.group(), seconds_of(match)),
        ]
        position = match.end()
    parts.append(escape(text[position:]))
    return Markup("").join(parts)


def time_link(text: str, seconds: float) -> Markup:
    """A link that seeks; without a script it opens the page at that time."""
    return Markup('<a class="link" href="?t={0}" data-seek-to="{1}">{2}</a>').format(
        int(seconds), seconds, text
    )


def _link(address: str) -> Markup:
    return Markup('<a class="link" href="{0}" rel="nofollow ugc noopener">{0}</a>').format(address)


def _without_tail(address: str) -> str:
    """Without the punctuation of the sentence around it; brackets that are a pair stay."""
    while address:
        last = address[-1]
        opening = PAIRS.get(last)
        unpaired = opening is not None and address.count(opening) < address.count(last)
        if last not in ".,;:!?*_" and not unpaired:
            return address
        address = address[:-1]
    return address


def growth_sentence(progress: ProgressOut) -> str:
    """What plays now and what still comes; the page's script says the same while it polls."""
    pictures = [rung for rung in progress.qualities if rung.name != "audio"]
    ready = [rung.name for rung in pictures if rung.status == "ready"]
    coming = [rung.name for rung in pictures if rung.status in ("processing", "pending")]
    if progress.status == "failed":
        return "Not every quality could be made. What is there plays."
    if progress.status == "ready":
        return ""
    left = time_left(progress.seconds_left)
    if not ready:
        return " ".join(filter(None, [_plays_partly(progress), _sentence(left)]))
    if not coming:
        return f"Plays now in {listed(ready)}."
    verb = "is" if len(coming) == 1 else "are"
    rest = f"{listed(coming)} {verb} on the way"
    return f"Plays now in {listed(ready)}. {rest}{', ' + left if left else ''}."


def writing_sentence(percent: float) -> str:
    """How far the captions are that are being written; the page's script says the same."""
    return (
        f"Captions are being written: {percent:.0f} % of the video so far. New lines appear here "
        "by themselves."
    )


def _plays_partly(progress: ProgressOut) -> str:
    total, there = progress.duration, progress.playable_seconds
    if total and there < total - 1:
        return (
            f"The first {duration(there)} of {duration(total)} can be watched now, "
            "and more comes while you watch."
        )
    return "Plays now. Better qualities are on the way."


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def time_left(seconds: float | None) -> str:
    """95 -> about 2 minutes left; nothing where it is not known."""
    if seconds is None:
        return ""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 55:
        return f"about {-int(-seconds // 10) * 10} seconds left"
    minutes = max(1, int(seconds / 60 + 0.5))
    if minutes < 60:
        return f"about {_count(minutes, 'minute')} left"
    hours, rest = divmod(minutes, 60)
    tail = f" {_count(rest, 'minute')}" if rest else ""
    return f"about {_count(hours, 'hour')}{tail} left"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def listed(names: list[str]) -> str:
    """["720p", "480p", "360p"] -> 720p, 480p and 360p."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


FILTERS: Mapping[str, Callable[..., object]] = {
    "duration": duration,
    "size": size,
    "when": when,
    "day": day,
    "prose": prose,
    "view_count": view_count,
    "shorten": shorten,
    "linkify": linkify,
    "writing_sentence": writing_sentence,
}
