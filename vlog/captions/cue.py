"""A cue: what is read on the screen from one moment to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Word(NamedTuple):
    """A word and when it is spoken, in seconds from the video's start."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Cue:
    """Plain text, its lines parted by a line feed; seconds from the video's start."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
