"""Cues and texts of every kind, for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from vlog.captions.checking import clean_text
from vlog.captions.cue import Cue

_TEXTS = st.one_of(
    st.text(min_size=1, max_size=60),
    st.lists(
        st.sampled_from(["-->", "<b>", "&amp;", "&lt", "NOTE", "1", "WEBVTT", "\n", "word", "\t"]),
        min_size=1,
        max_size=8,
    ).map(" ".join),
).filter(lambda text: bool(clean_text(text)))


@st.composite
def cue_lists(draw: st.DrawFn, texts: st.SearchStrategy[str] = _TEXTS) -> list[Cue]:
    """Sound cues in order, overlapping or not."""
    cues = []
    for text in draw(st.lists(texts, min_size=1, max_size=6)):
        start = draw(st.integers(0, 359_000_000))
        length = draw(st.integers(1, 900_000))
        cues.append(Cue(start / 1000, (start + length) / 1000, clean_text(text)))
    return sorted(cues, key=lambda cue: cue.start)
