"""Chapters in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vlog.captions import webvtt
from vlog.captions.chapters import Chapter, in_order, write
from vlog.captions.cue import Cue

_TIMES = st.floats(-100, 1000)


@given(st.lists(st.builds(Chapter, _TIMES, _TIMES, st.text(max_size=300)), max_size=10))
def test_chapters_follow_one_another_inside_the_video(found: list[Chapter]) -> None:
    chapters = in_order(found, 600.0)
    end = 0.0
    for chapter in chapters:
        assert end <= chapter.start < chapter.end <= 600.0
        assert chapter.title.strip()
        end = chapter.end
    assert webvtt.read(write(chapters)) == [Cue(c.start, c.end, c.title) for c in chapters]


def test_what_is_missing_is_filled_in() -> None:
    found = [Chapter(60, 0, " \n"), Chapter(-2, 70, "Over"), Chapter(600, 700, "Beyond")]
    assert in_order(found, 600.0) == [Chapter(0, 60, "Over"), Chapter(60, 600, "Chapter 2")]
