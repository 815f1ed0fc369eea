"""WebVTT (W3C, 4 April 2019): plain cues, written and read.

Read by our own code: libraries leave out what they cannot read, and say nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from vlog.captions.checking import clean_text, in_order
from vlog.captions.cue import Cue
from vlog.captions.errors import CaptionsInvalid
from vlog.captions.timing import ARROW, Block, blocks_of, read_timing, written_timing

_HEAD = re.compile(r"WEBVTT(?:[ \t].*)?")
_TAG = re.compile(r"</?[a-z0-9.:][^<>]*>|</?>", re.IGNORECASE)
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s.*)?")


def is_webvtt(text: str) -> bool:
    """Whether a text says that it is WebVTT."""
    return text.startswith("WEBVTT")


def write(cues: Iterable[Cue], head: Sequence[str] = ()) -> str:
    """A whole file. `head` are lines under the first one, such as X-TIMESTAMP-MAP."""
    parts = ["\n".join(("WEBVTT", *head))]
    parts += [
        f"{written_timing(cue.start, cue.end, '.')}\n{_escaped(clean_text(cue.text))}"
        for cue in cues
    ]
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    # Escaping the bracket takes the arrow apart as well, which must not be in a text.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read(text: str) -> list[Cue]:
    """The cues of a file, without their styles. Raises CaptionsInvalid with the line."""
    lines = re.split(r"\r\n|\r|\n", text)
    if not _HEAD.fullmatch(lines[0]):
        raise CaptionsInvalid.at(1, "a WebVTT file begins with WEBVTT.")
    first, *rest = blocks_of(lines)
    # A head may be followed by its first cue without a blank line.
    began = next((place for place, line in enumerate(first.lines) if ARROW in line), None)
    if began is not None:
        rest = [Block(first.number + began, first.lines[began:]), *rest]
    return in_order(cue for block in rest if (cue := _cue(block)) is not None)


def _cue(block: Block) -> Cue | None:
    place = 0
    if ARROW not in block.lines[0]:
        if _NO_CUE.fullmatch(block.lines[0]) and not any(ARROW in line for line in block.lines):
            return None
        place = 1
        if len(block.lines) == 1 or ARROW not in block.lines[1]:
            raise CaptionsInvalid.at(
                block.number, "the times of a cue are missing. Texts must not have blank lines."
            )
    start, end = read_timing(block.lines[place], block.number + place)
    texts = block.lines[place + 1 :]
    for number, line in enumerate(texts, start=block.number + place + 1):
        if ARROW in line:
            raise CaptionsInvalid.at(number, f"a blank line is missing above, or {ARROW} is text.")
    cleaned = clean_text(html.unescape(_TAG.sub("", "\n".join(texts))))
    return Cue(start, end, cleaned) if cleaned else None
