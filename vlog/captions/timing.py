"""The line of times that WebVTT and SubRip share, but for the sign before the milliseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vlog.captions.checking import time_fault
from vlog.captions.errors import CaptionsInvalid

ARROW = "-->"
_TIME = r"(?:([0-9]{1,5}):)?([0-9]{1,2}):([0-9]{1,2})[.,]([0-9]{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_MINUTE = 60


@dataclass(frozen=True)
class Block:
    """Consecutive lines of a file without a blank one; `number` is the first one's, from 1."""

    number: int
    lines: tuple[str, ...]


def blocks_of(lines: list[str], first_number: int = 1) -> list[Block]:
    """What blank lines part."""
    blocks: list[Block] = []
    begun: list[str] = []
    for number, line in enumerate([*lines, ""], start=first_number):
        if line.strip():
            begun.append(line)
        elif begun:
            blocks.append(Block(number - len(begun), tuple(begun)))
            begun = []
    return blocks


def read_timing(line: str, number: int) -> tuple[float, float]:
    """Start and end in seconds. Raises CaptionsInvalid."""
    found = _TIMING.fullmatch(line)
    if found is None:
        raise CaptionsInvalid.at(
            number,
            "the times cannot be read. They look like 00:01:02.500 --> 00:01:04.000.",
        )
    fields = found.groups()
    start, end = _seconds(fields[:4], number), _seconds(fields[4:], number)
    if (wrong := time_fault(start, end)) is not None:
        raise CaptionsInvalid.at(number, f"this cue cannot be used: {wrong}")
    return start, end


def _seconds(fields: tuple[str | None, ...], number: int) -> float:
    hours, minutes, seconds = (int(field or 0) for field in fields[:3])
    if minutes >= _MINUTE or seconds >= _MINUTE:
        raise CaptionsInvalid.at(number, "minutes and seconds go up to 59.")
    thousandths = int((fields[3] or "0").ljust(3, "0"))
    # A sum with thousandths / 1000 would not be the number that somebody wrote.
    return (((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths) / 1000


def written(seconds: float, mark: str) -> str:
    """`01:02:03` with `mark` and milliseconds."""
    whole, thousandths = divmod(max(0, round(seconds * 1000)), 1000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest:02d}{mark}{thousandths:03d}"


def written_timing(start: float, end: float, mark: str) -> str:
    """The line of times of one cue; it always ends after it starts."""
    return f"{written(start, mark)} {ARROW} {written(max(end, start + 0.001), mark)}"
