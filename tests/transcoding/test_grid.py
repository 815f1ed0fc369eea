"""The grid covers the video once, whatever its rate and keyframes are."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.transcoding.grid import MOST_SEGMENTS, Grid, from_keyframes, regular

RATES = [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60), Fraction(25, 2)]


def _covers(grid: Grid) -> None:
    assert all(after > before for before, after in zip(grid.cuts, grid.cuts[1:], strict=False))
    whole = sum(grid.seconds(number, 1) for number in range(grid.count))
    assert whole == pytest.approx(grid.duration)
    assert max(grid.seconds(number, 1) for number in range(grid.count)) < grid.target_duration + 0.5


@given(
    start=st.floats(0, 5),
    duration=st.floats(0.01, 20_000),
    rate=st.sampled_from(RATES),
    seconds=st.floats(1, 12),
)
@settings(max_examples=150)
def test_a_regular_grid_covers_everything(
    start: float, duration: float, rate: Fraction, seconds: float
) -> None:
    grid = regular(start, start + duration, rate, seconds)
    _covers(grid)
    assert grid.count <= MOST_SEGMENTS + 1
    assert grid.time(0) == pytest.approx(start, abs=1 / float(rate))
    assert grid.duration == pytest.approx(duration, abs=2 / float(rate))
    assert grid.count == 1 or grid.seconds(grid.count - 1, 1) >= min(1.0, grid.seconds(0, 1))


@given(steps=st.lists(st.floats(0.2, 10), min_size=1, max_size=200), rate=st.sampled_from(RATES))
@settings(max_examples=150)
def test_a_copied_grid_cuts_only_at_keyframes(steps: list[float], rate: Fraction) -> None:
    keyframes = [0.0]
    for step in steps:
        keyframes.append(keyframes[-1] + step)
    end = keyframes[-1] + 1.5
    grid = from_keyframes(tuple(keyframes), end, rate, 6.0)
    _covers(grid)
    frames = {round(keyframe * rate) for keyframe in keyframes}
    assert set(grid.cuts[:-1]) <= frames


def test_cuts_are_the_keyframes_nearest_to_every_six_seconds() -> None:
    keyframes = tuple(number * 4.8 for number in range(7))
    grid = from_keyframes(keyframes, 30.16, Fraction(25, 2), 6.0)
    assert [grid.time(number) for number in range(grid.count)] == [0, 4.8, 9.6, 19.2, 24.0, 28.8]


def test_a_tail_of_a_moment_joins_the_segment_before() -> None:
    grid = regular(0.0, 12.4, Fraction(25), 6.0)
    assert grid.count == 2
    assert grid.seconds(1, 1) == pytest.approx(6.4)


def test_target_duration_rounds_half_up() -> None:
    assert Grid(rate_numerator=2, rate_denominator=1, cuts=(0, 13)).target_duration == 7
