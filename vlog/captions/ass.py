"""Advanced SubStation Alpha, as ffmpeg writes subtitles of any kind: the plain words of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vlog.captions.checking import clean_text, in_order
from vlog.captions.cue import Cue

_EVENT = "Dialogue:"
# Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text.
_FIELDS = 10
_TIME = re.compile(r"([0-9]{1,5}):([0-9]{1,2}):([0-9]{1,2})[.:]([0-9]{1,3})")
_OVERRIDE = re.compile(r"(?<!\\)\{[^{}]*\}")
_DRAWING = re.compile(r"\\p[1-9]")
# Cues of one text so close to each other are one: effects are made of many.
_JOINED_SECONDS = 0.1
# No more lines than can be read at once; signs and songs beside speech come in dozens.
_MOST_LINES = 4


def read(text: str) -> list[Cue]:
    """The cues of a script. What is drawn and what cannot be read is left out."""
    found = (_cue(line) for line in re.split(r"\r?\n", text) if line.startswith(_EVENT))
    return legible([cue for cue in found if cue is not None])


def _cue(line: str) -> Cue | None:
    fields = line.removeprefix(_EVENT).split(",", _FIELDS - 1)
    if len(fields) < _FIELDS:
        return None
    start, end = _seconds(fields[1]), _seconds(fields[2])
    text = _words(fields[-1])
    if start is None or end is None or not text:
        return None
    return Cue(start, end, text) if end > start else None


def _seconds(text: str) -> float | None:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = (int(value) for value in found.groups()[:3])
    return round((hours * 60 + minutes) * 60 + seconds + float(f"0.{found[4]}"), 3)


def _words(text: str) -> str:
    if _DRAWING.search(text):
        return ""
    text = _OVERRIDE.sub("", text)
    text = text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
    return clean_text(text.replace("\\{", "{").replace("\\}", "}"))


def legible(cues: Iterable[Cue]) -> list[Cue]:
    """One cue where one text goes on, and one where several texts come and go together."""
    together: dict[tuple[float, float], Cue] = {}
    going_on: dict[str, Cue] = {}
    for cue in in_order(cues):
        before = going_on.get(cue.text)
        if before is not None and cue.start - before.end <= _JOINED_SECONDS:
            going_on[cue.text] = Cue(before.start, max(before.end, cue.end), cue.text)
            continue
        if before is not None:
            _add(together, before)
        going_on[cue.text] = cue
    for cue in going_on.values():
        _add(together, cue)
    return in_order(together.values())


def _add(together: dict[tuple[float, float], Cue], cue: Cue) -> None:
    key = (cue.start, cue.end)
    there = together.get(key)
    if there is None:
        together[key] = cue
    elif there.text.count("\n") + cue.text.count("\n") + 2 <= _MOST_LINES:
        together[key] = Cue(cue.start, cue.end, f"{there.text}\n{cue.text}")
