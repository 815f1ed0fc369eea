"""Making cues sound: text that can be written in any format, times that make sense."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

from vlog.captions.cue import Cue
from vlog.captions.errors import CaptionsInvalid

MOST_CUES = 50_000
LONGEST_TEXT = 2000
# What people read at ease in one line.
LINE_LENGTH = 42
# Longer than any video, and short enough for the hours that every format can write.
LAST_SECOND = 360_000.0


def clean_text(text: str) -> str:
    """Plain text whose lines are never blank: a blank line would end a cue in a file."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(_plain(character) for character in text)
    lines = (line.strip() for line in kept.split("\n"))
    return "\n".join(line for line in lines if line)


def _plain(character: str) -> str:
    if character == "\n" or character in "\u2028\u2029\x0b\x0c\x85":
        return "\n"
    category = unicodedata.category(character)
    if category == "Cs":
        return ""
    return " " if category == "Cc" else character


def sound_cues(cues: Iterable[Cue], first_number: int = 1) -> list[Cue]:
    """The cues cleaned, in whole milliseconds and in order; those without text are left out.

    Raises:
        CaptionsInvalid: a time or a text cannot be used; the sentence has the cue's number.
    """
    kept: list[Cue] = []
    for number, cue in enumerate(cues, start=first_number):
        text = clean_text(cue.text)
        start, end = round(cue.start, 3), round(cue.end, 3)
        if (wrong := time_fault(start, end)) is not None:
            raise CaptionsInvalid(f"Cue {number}: {wrong}")
        if len(text) > LONGEST_TEXT:
            raise CaptionsInvalid(f"Cue {number} has more than {LONGEST_TEXT} characters.")
        if text:
            kept.append(Cue(start, end, text, cue.words))
    if len(kept) > MOST_CUES:
        raise CaptionsInvalid(f"There are more than {MOST_CUES:,} cues.")
    return in_order(kept)


def in_order(cues: Iterable[Cue]) -> list[Cue]:
    """The cues by their start; those that start together keep their order."""
    return sorted(cues, key=lambda cue: cue.start)


def time_fault(start: float, end: float) -> str | None:
    """What is wrong with a cue's times, or None."""
    if not 0 <= start < LAST_SECOND or not end <= LAST_SECOND:
        return "its times must lie between 0 and 100 hours."
    if end <= start:
        return "it must end after it starts."
    return None


def wrap(text: str) -> str:
    """Text in lines of a length that is read at ease."""
    words = " ".join(text.split())
    return "\n".join(textwrap.wrap(words, LINE_LENGTH, break_long_words=False) or [words])


def word_count(cues: Sequence[Cue]) -> int:
    """The words in all cues."""
    return sum(len(cue.text.split()) for cue in cues)
