from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.captions.chapters import Chapter
from vlog.catalog.timestamps import TIME, chapters_in, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:00", [0]),
        ("see 1:30.", [90]),
        ("(1:02:03)", [3723]),
        ("75:10 is long", [4510]),
        ("from 0:10, then 0:20", [10, 20]),
        ("a ratio of 16:9", []),
        ("at 1:75", []),
        ("10:20:30:40", []),
        ("https://example.org/1:30", []),
        ("2.1:30 and 1:30.5", []),
    ],
)
def test_times_are_told_from_other_numbers(text: str, seconds: list[int]) -> None:
    assert [seconds_of(match) for match in TIME.finditer(text)] == seconds


def test_chapters_come_from_lines_that_begin_with_a_time() -> None:
    description = (
        "About 1:00.\n\n0:00 - Intro\n(1:30) The harbour: at dawn\n• 2:00:05 Coffee\n\nAt 0:15."
    )
    assert chapters_in(description, 8000.0) == [
        Chapter(0.0, 90.0, "Intro"),
        Chapter(90.0, 7205.0, "The harbour: at dawn"),
        Chapter(7205.0, 8000.0, "Coffee"),
    ]


def test_chapters_come_from_lines_that_end_with_a_time_where_none_begin_so() -> None:
    marks = chapters_in("Intro – 0:00\nCoffee (0:40)", 60.0)
    assert marks == [Chapter(0.0, 40.0, "Intro"), Chapter(40.0, 60.0, "Coffee")]


@pytest.mark.parametrize(
    "description",
    [
        "",
        "0:00 alone",
        "0:10 Does not begin\n0:20 at nought",
        "0:00 Back\n0:30 and\n0:20 forth",
        "0:00\n0:30",
        "The gull is between 0:00 and 0:30 to be seen",
    ],
)
def test_other_descriptions_have_no_chapters(description: str) -> None:
    assert chapters_in(description, 100.0) == []


def test_times_beyond_the_end_are_left_out() -> None:
    marks = chapters_in("0:00 One\n0:20 Two\n5:00 Three", 60.0)
    assert [(mark.title, mark.end) for mark in marks] == [("One", 20.0), ("Two", 60.0)]


_PIECES = st.sampled_from(
    ("0:00", "1:30", "99:59", "9:59:59", "٣:٣٣", " ", "-", "(", "]", "a", "\n")
)


@settings(max_examples=100)
@given(
    st.lists(_PIECES | st.text(max_size=5), max_size=40).map("".join),
    st.floats(0, 360_000, allow_subnormal=False),
)
def test_chapters_of_any_description_follow_each_other_inside_the_video(
    description: str, duration: float
) -> None:
    found = chapters_in(description, duration)
    times = [0.0, *(chapter.end for chapter in found)]
    assert [chapter.start for chapter in found] == times[:-1]
    assert times == sorted(set(times))
    assert not found or times[-1] == duration
    assert all(0 < len(chapter.title) <= 255 for chapter in found)


def test_a_description_takes_no_longer_than_its_length() -> None:
    # As long as one may be; a pattern that goes back and forth would take seconds.
    before = time.process_time()
    chapters_in(f"0:00 a{' ' * 9900}b\n1:00 a{'-' * 9900}b", 100.0)
    assert time.process_time() - before < 0.2
