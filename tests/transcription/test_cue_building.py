"""Cues that can be read: two lines of 42 columns, one to seven seconds, cut where sentences end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlog.captions.cue import Cue, Word
from vlog.transcription.cue_building import LINE_COLUMNS, CueBuilder, columns
from vlog.transcription.heard import Heard

SPEECH = (
    "This is the first sentence. Here comes another one, which is a good deal longer than the "
    "first, and so it has to be cut somewhere. Yes. Short ones stand together. "
)


def _heard(text: str, start: float = 0.0, pace: float = 0.35, spaced: bool = True) -> Heard:
    """Words one after the other, each `pace` seconds long."""
    pieces = [f" {word}" for word in text.split()] if spaced else list(text)
    words = tuple(
        Word(start + i * pace, start + (i + 1) * pace - 0.05, piece)
        for i, piece in enumerate(pieces)
    )
    return Heard(start, words[-1].end, "".join(pieces), words)


def _build(*segments: Heard) -> list[Cue]:
    builder = CueBuilder()
    return [cue for heard in segments for cue in builder.add(heard)] + builder.flush()


def _readable(cues: list[Cue]) -> None:
    for cue in cues:
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert all(line == line.strip() and columns(line) <= LINE_COLUMNS for line in lines)
        assert cue.end - cue.start <= 7.0 + 1e-6
    assert all(early.end <= late.start for early, late in pairwise(cues))


def test_sentences_are_cues_and_long_ones_are_cut_after_a_clause() -> None:
    cues = _build(_heard(SPEECH))
    _readable(cues)
    assert [cue.text.replace("\n", " ") for cue in cues] == [
        "This is the first sentence.",
        "Here comes another one, which is a good deal longer than the first,",
        "and so it has to be cut somewhere.",
        "Yes. Short ones stand together.",
    ]
    assert "".join(w.text for c in cues for w in c.words) == "".join(SPEECH.split())


def test_a_pause_ends_a_cue_and_is_not_covered() -> None:
    cues = _build(_heard("and then we"), _heard("went home", start=9.0))
    assert [cue.text for cue in cues] == ["and then we", "went home"]
    assert cues[0].end < 2.0
    assert cues[1].start == 9.0


def test_a_sentence_goes_on_in_the_next_segment() -> None:
    cues = _build(_heard("the river runs"), _heard("to the sea.", start=1.1))
    assert [cue.text for cue in cues] == ["the river runs to the sea."]


def test_a_short_cue_stays_for_a_second_if_nobody_speaks_then() -> None:
    (alone,) = _build(_heard("Yes.", pace=0.3))
    assert (alone.start, alone.end) == (0.0, 1.0)
    first, second = _build(_heard("Stop", pace=0.2), _heard("Never.", start=1.2))
    assert first.end <= second.start


def test_a_word_that_lasts_for_ever_does_not() -> None:
    heard = Heard(0.0, 40.0, " Well", (Word(0.0, 40.0, " Well"),))
    (cue,) = _build(heard)
    assert cue.end == 7.0


def test_languages_without_spaces_are_measured_in_columns() -> None:
    text = "私たちは今日とても長い文章を読みますそして川のそばの古い家に帰ります。" * 2
    cues = _build(_heard(text, pace=0.15, spaced=False))
    _readable(cues)
    assert "".join(cue.text for cue in cues).replace("\n", "") == text
    assert len(cues) == 2


def test_pieces_of_one_word_are_not_torn_apart() -> None:
    pieces = [" They", " know", " that", " we", " won", "'t", " be", " back", " before", " tomor"]
    words = [Word(i * 0.2, i * 0.2 + 0.2, piece) for i, piece in enumerate([*pieces, "row", "."])]
    (cue,) = _build(Heard(0.0, 3.0, "", tuple(words)))
    assert "won't" in cue.text
    assert "tomorrow." in cue.text


def test_without_times_of_words_a_segment_is_spread_by_length() -> None:
    cues = _build(Heard(10.0, 22.0, " " + SPEECH))
    _readable(cues)
    assert cues[0].start == 10.0
    assert cues[-1].end == pytest.approx(22.0, abs=0.6)
    assert all(cue.words == () for cue in cues)


def test_what_waits_is_known() -> None:
    builder = CueBuilder()
    assert builder.waiting_from is None
    assert builder.add(_heard("and then we", start=5.0)) == []
    assert builder.waiting_from == 5.0


@given(
    st.lists(
        st.tuples(
            st.text("abc,.?é漢 '", min_size=1, max_size=12),
            st.floats(0.0, 2.0),
            st.floats(0.02, 3.0),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_whatever_is_heard_can_be_read(pieces: list[tuple[str, float, float]]) -> None:
    words, moment = [], 0.0
    for text, gap, length in pieces:
        words.append(Word(moment + gap, moment + gap + length, f" {text}"))
        moment += gap + length
    cues = _build(Heard(0.0, moment, "", tuple(words)))
    _readable(cues)
    said = "".join("".join(text.split()) for text, _, _ in pieces)
    assert "".join("".join(cue.text.split()) for cue in cues) == said
