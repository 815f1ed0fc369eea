"""Chapters in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlog.captions import webvtt
from vlog.captions.chapters import Chapter, in_order, named, write
from vlog.captions.cue import Cue
from vlog.errors import Invalid

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


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ([(0.0, "One"), (0.05, "Two")], "Chapter 2 must begin after chapter 1."),
        ([(5.0, "One"), (3.0, "Two")], "Chapter 2 must begin after chapter 1."),
        ([(0.0, " \n ")], "Chapter 1 needs a title"),
        ([(0.0, "x" * 256)], "Chapter 1 needs a title"),
        ([(0.0, "One"), (10.0, "Two")], "Chapter 2 does not begin inside the video"),
        ([(-1.0, "One")], "Chapter 1 does not begin inside the video"),
        ([(float(number), "x") for number in range(1001)], "more than 1,000 chapters"),
    ],
)
def test_what_a_person_sets_is_in_order_and_inside(
    marks: list[tuple[float, str]], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        named(marks, 10.0)


def test_a_person_s_chapters_last_until_the_next_one() -> None:
    assert named([(1.0, "  One\nmore "), (4.0, "Two")], 10.0) == [
        Chapter(1.0, 4.0, "One more"),
        Chapter(4.0, 10.0, "Two"),
    ]
    assert named([], 10.0) == []
