"""SubRip (.srt): plain cues, written and read. It has no specification, only habits."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vlog.captions.checking import clean_text, in_order
from vlog.captions.cue import Cue
from vlog.captions.errors import CaptionsInvalid
from vlog.captions.timing import ARROW, Block, blocks_of, read_timing, written_timing

_TAG = re.compile(r"</?(?:b|i|u|s|font|c)(?:[ .=][^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)


def write(cues: Iterable[Cue]) -> str:
    """A whole file. An arrow in a text would pass for times, so another sign stands for it."""
    return "\n".join(
        f"{number}\n{written_timing(cue.start, cue.end, ',')}\n"
        f"{clean_text(cue.text).replace(ARROW, '→')}\n"
        for number, cue in enumerate(cues, start=1)
    )


def read(text: str) -> list[Cue]:
    """The cues of a file, without their styles. Raises CaptionsInvalid with the line."""
    lines = re.split(r"\r\n|\r|\n", text)
    cues: list[Cue] = []
    for block in blocks_of(lines):
        cues += [cue for part in _parted(block) if (cue := _cue(part)) is not None]
    return in_order(cues)


def _parted(block: Block) -> list[Block]:
    """One block for each cue: some programs leave the blank line between cues out."""
    times = [place for place, line in enumerate(block.lines) if ARROW in line]
    starts = [
        place - 1 if place > 0 and block.lines[place - 1].strip().isdecimal() else place
        for place in times
    ]
    if not times or starts[0] != 0:
        raise CaptionsInvalid.at(
            block.number, "the times of a cue are missing. Texts must not have blank lines."
        )
    ends = [*starts[1:], len(block.lines)]
    return [
        Block(block.number + start, block.lines[start:end])
        for start, end in zip(starts, ends, strict=True)
    ]


def _cue(block: Block) -> Cue | None:
    place = 0 if ARROW in block.lines[0] else 1
    start, end = read_timing(block.lines[place], block.number + place)
    cleaned = clean_text(_TAG.sub("", "\n".join(block.lines[place + 1 :])))
    return Cue(start, end, cleaned) if cleaned else None
