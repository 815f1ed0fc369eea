"""Times that people write into descriptions, such as `1:30 The harbour`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

# Not a part of a longer number, a clock with seconds behind a point, or an address.
TIME = re.compile(r"(?<![\w:.,/-])(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?![\w:]|[.,]\d)")
_AROUND = re.compile(r"^[\s\-–—:|.,()\[\]•*]+|[\s\-–—:|(\[•*]+$")
LEAST_CHAPTERS = 2
LONGEST_TITLE = 255


@dataclass(frozen=True)
class ChapterMark:
    """A named stretch of a video. Seconds from its start."""

    start: float
    end: float
    title: str


def seconds_of(match: re.Match[str]) -> int:
    """What a match of TIME means, in seconds."""
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def chapters_in(description: str, duration: float) -> list[ChapterMark]:
    """Chapters from the lines that begin or end with a time.

    As viewers know it from elsewhere: the first is at 0:00, there are at least two, and each begins
    after the one before. Anything else is a description with times in it and has no chapters.
    """
    marks = [mark for mark in _marks(description) if mark[0] < duration]
    in_order = all(before < after for (before, _), (after, _) in pairwise(marks))
    if len(marks) < LEAST_CHAPTERS or marks[0][0] != 0 or not in_order:
        return []
    ends = [start for start, _ in marks[1:]] + [duration]
    return [
        ChapterMark(float(start), float(end), title)
        for (start, title), end in zip(marks, ends, strict=True)
    ]


def _marks(description: str) -> Iterator[tuple[int, str]]:
    for line in description.splitlines():
        match = TIME.search(line)
        if match is None:
            continue
        before, after = (_bare(part) for part in (line[: match.start()], line[match.end() :]))
        if bool(before) != bool(after):
            yield seconds_of(match), (before or after)[:LONGEST_TITLE]


def _bare(text: str) -> str:
    return _AROUND.sub("", _AROUND.sub("", text))
