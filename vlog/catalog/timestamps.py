"""Times that people write into descriptions, such as `1:30 The harbour`."""

from __future__ import annotations

import re
from itertools import pairwise

from vlog.captions.chapters import Chapter

# Not a part of a longer number, a clock with seconds behind a point, or an address.
TIME = re.compile(r"(?<![\w:.,/-])(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?![\w:]|[.,]\d)")
# Each run is looked at once, from its first letter on: a description may be one long row of dots.
_AROUND = re.compile(r"^[\s\-–—:|.,()\[\]•*]+|(?<![\s\-–—:|(\[•*])[\s\-–—:|(\[•*]+$")
LEAST_CHAPTERS = 2
LONGEST_TITLE = 255

_Mark = tuple[int, str]


def seconds_of(match: re.Match[str]) -> int:
    """What a match of TIME means, in seconds."""
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def chapters_in(description: str, duration: float) -> list[Chapter]:
    """Chapters from the lines that begin with a time or, where those make none, end with one.

    As viewers know it from elsewhere: the first is at 0:00, there are at least two, and each begins
    after the one before. Anything else is a description with times in it and has no chapters.
    """
    leading, trailing = _marks(description)
    return _chapters(leading, duration) or _chapters(trailing, duration)


def _marks(description: str) -> tuple[list[_Mark], list[_Mark]]:
    leading: list[_Mark] = []
    trailing: list[_Mark] = []
    for line in description.splitlines():
        match = TIME.search(line)
        if match is None:
            continue
        before, after = (_bare(part) for part in (line[: match.start()], line[match.end() :]))
        if bool(before) != bool(after):
            found = trailing if before else leading
            found.append((seconds_of(match), (before or after)[:LONGEST_TITLE]))
    return leading, trailing


def _chapters(found: list[_Mark], duration: float) -> list[Chapter]:
    marks = [mark for mark in found if mark[0] < duration]
    in_order = all(before < after for (before, _), (after, _) in pairwise(marks))
    if len(marks) < LEAST_CHAPTERS or marks[0][0] != 0 or not in_order:
        return []
    ends = [start for start, _ in marks[1:]] + [duration]
    return [
        Chapter(float(start), float(end), title)
        for (start, title), end in zip(marks, ends, strict=True)
    ]


def _bare(text: str) -> str:
    return _AROUND.sub("", _AROUND.sub("", text))
