"""Captions as running text and back; what makes cues sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.captions.strategies import cue_lists
from vlog.captions.checking import LONGEST_TEXT, clean_text, sound_cues
from vlog.captions.cue import Cue, Word
from vlog.captions.errors import CaptionsInvalid
from vlog.captions.text import paragraphs, reflow

_CUES = [
    Cue(0.0, 1.0, "The quick\nbrown fox", (Word(0.0, 0.2, "The"),)),
    Cue(1.1, 2.0, "jumps over", (Word(1.1, 1.5, "jumps"),)),
    Cue(5.0, 6.0, "the lazy dog."),
]


def test_a_pause_begins_a_paragraph() -> None:
    assert paragraphs(_CUES) == "The quick brown fox jumps over\n\nthe lazy dog."
    assert paragraphs([]) == ""


@given(cue_lists())
def test_the_same_text_changes_no_cue(cues: list[Cue]) -> None:
    # Whitespace of other kinds parts words too, and cues hold them as they are.
    kept = [cue for cue in cues if cue.text.split()]
    assert reflow(cues, paragraphs(cues)) == kept


def test_corrected_words_keep_their_times() -> None:
    found = reflow(_CUES, "The quick red fox leaps over and over the lazy dog.")
    assert [(cue.start, cue.text) for cue in found] == [
        (0.0, "The quick red fox"),
        (1.1, "leaps over and over"),
        (5.0, "the lazy dog."),
    ]
    assert [cue.words for cue in found] == [(), (), ()]
    assert reflow(_CUES, "The quick brown fox the lazy cat.")[0] == _CUES[0]
    assert [cue.text for cue in reflow(_CUES, "the lazy dog.")] == ["the lazy dog."]
    assert reflow([], "no times") == []


@given(st.text())
def test_clean_text_is_clean(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert "\r" not in cleaned
    assert all(line == line.strip() != "" for line in cleaned.split("\n") if cleaned)


def test_cues_are_put_in_order_and_checked() -> None:
    assert sound_cues([Cue(2.0, 3.0, "b"), Cue(1.00049, 1.5, " a\n\n "), Cue(4, 5, " ")]) == [
        Cue(1.0, 1.5, "a"),
        Cue(2.0, 3.0, "b"),
    ]
    for bad in (Cue(1, 1, "x"), Cue(-1, 1, "x"), Cue(float("nan"), 1, "x"), Cue(0, 1e9, "x")):
        with pytest.raises(CaptionsInvalid, match="Cue 2:"):
            sound_cues([Cue(0, 1, "fine"), bad])
    with pytest.raises(CaptionsInvalid, match="more than 2000 characters"):
        sound_cues([Cue(0, 1, "x" * (LONGEST_TEXT + 1))])
