"""Chapters: named stretches of a video, one after the other. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vlog.captions import webvtt
from vlog.captions.checking import clean_text
from vlog.captions.cue import Cue
from vlog.errors import Invalid

LONGEST_TITLE = 255
MOST_CHAPTERS = 1000
# Players show nothing of shorter ones.
_SHORTEST_SECONDS = 0.1


@dataclass(frozen=True)
class Chapter:
    """Seconds from the video's start."""

    start: float
    end: float
    title: str


def in_order(found: Iterable[Chapter], duration: float) -> list[Chapter]:
    """Chapters that lie in the video, by their start, none over another; all have a title."""
    inside = sorted(
        (max(0.0, chapter.start), chapter.end, chapter.title)
        for chapter in found
        if chapter.start < duration
    )[:MOST_CHAPTERS]
    chapters: list[Chapter] = []
    for place, (start, end, title) in enumerate(inside):
        following = inside[place + 1][0] if place + 1 < len(inside) else duration
        last = min(end if end > start else following, following, duration)
        if last - start < _SHORTEST_SECONDS:
            continue
        name = " ".join(clean_text(title).split())[:LONGEST_TITLE]
        number = len(chapters) + 1
        chapters.append(Chapter(round(start, 3), round(last, 3), name or f"Chapter {number}"))
    return chapters


def named(marks: Iterable[tuple[float, str]], duration: float) -> list[Chapter]:
    """Chapters that a person set: each from its start in seconds to the start of the next one.

    Raises:
        Invalid: they are not in order, lie outside of the video, or have no title. The sentence has
            the chapter's number.
    """
    found = [(round(start, 3), " ".join(clean_text(title).split())) for start, title in marks]
    if len(found) > MOST_CHAPTERS:
        raise Invalid(f"There are more than {MOST_CHAPTERS:,} chapters.")
    last = round(duration, 3)
    chapters = []
    for number, (start, title) in enumerate(found, start=1):
        end = found[number][0] if number < len(found) else last
        if not title or len(title) > LONGEST_TITLE:
            raise Invalid(f"Chapter {number} needs a title of at most {LONGEST_TITLE} characters.")
        if start < 0 or last - start < _SHORTEST_SECONDS:
            raise Invalid(
                f"Chapter {number} does not begin inside the video, which ends at {last:g} s."
            )
        if end - start < _SHORTEST_SECONDS:
            raise Invalid(f"Chapter {number + 1} must begin after chapter {number}.")
        chapters.append(Chapter(start, end, title))
    return chapters


def write(chapters: Sequence[Chapter]) -> str:
    """The chapters as WebVTT, for a track of that kind."""
    return webvtt.write(Cue(chapter.start, chapter.end, chapter.title) for chapter in chapters)
