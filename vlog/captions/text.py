"""Captions as running text, and running text put back on the times of captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from vlog.captions.checking import wrap
from vlog.captions.cue import Cue

# Whoever is silent for so long begins a new paragraph, and so does a sentence after so much text.
_PAUSE_SECONDS = 2.0
_LONG_PARAGRAPH = 600
_SENTENCE_ENDS = tuple('.?!…。？！."”')


def paragraphs(cues: Sequence[Cue]) -> str:
    """All words without times; paragraphs are parted by a blank line."""
    found: list[list[str]] = []
    length = 0
    before: Cue | None = None
    for cue in cues:
        text = " ".join(cue.text.split())
        paused = before is not None and cue.start - before.end >= _PAUSE_SECONDS
        full = length > _LONG_PARAGRAPH and found[-1][-1].endswith(_SENTENCE_ENDS)
        if before is None or paused or full:
            found.append([])
            length = 0
        found[-1].append(text)
        length += len(text)
        before = cue
    return "\n\n".join(" ".join(texts) for texts in found)


def reflow(cues: Sequence[Cue], text: str) -> list[Cue]:
    """The words of a corrected text on the times of the cues that they correct.

    Words that stay keep their cue. Those in the place of others share out their cues; those that
    are new join the cue before. Cues that lose all words go.
    """
    old = [(word, number) for number, cue in enumerate(cues) for word in cue.text.split()]
    new = text.split()
    if not old:
        return []
    given: list[list[str]] = [[] for _ in cues]
    matcher = SequenceMatcher(None, [word for word, _ in old], new, autojunk=False)
    for _, first, last, begin, end in matcher.get_opcodes():
        for place in range(begin, end):
            if last > first:
                source = first + (place - begin) * (last - first) // (end - begin)
            else:
                source = max(0, first - 1)
            given[old[source][1]].append(new[place])
    return [
        cue if cue.text.split() == words else replace(cue, text=wrap(" ".join(words)), words=())
        for cue, words in zip(cues, given, strict=True)
        if words
    ]
