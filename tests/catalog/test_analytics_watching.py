"""What a player says, and what of it can be true."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlog.catalog.analytics_watching import (
    MOST_STRETCHES,
    TOLERANCE_SECONDS,
    Believed,
    Claim,
    Stretch,
    is_view,
    judge,
    merged,
    percentile,
    piece_lengths,
    pieces_of,
    seconds_of,
    spread,
    two_figures,
)

FAR = st.floats(-1e7, 1e7, allow_nan=False)
WILD = st.lists(st.tuples(FAR, FAR), max_size=300)
NORMAL = st.lists(st.tuples(st.floats(0, 600), st.floats(0, 600)), max_size=40)


def _judge(claim: Claim, *, elapsed: float, duration: float = 600, **others: Any) -> Believed:
    return judge(
        claim,
        **{"known": [], "rungs": ("720p", "480p")} | others,
        duration=duration,
        elapsed=elapsed,
    )


def test_what_was_played_is_believed() -> None:
    believed = _judge(Claim(ranges=[(0, 10), (50, 60), (55, 65)]), elapsed=30)
    assert believed.stretches == [(0, 10), (50, 60), (55, 65)]
    assert believed.duration_watched == 25
    assert believed.max_position == 65
    assert not believed.completed


def test_nobody_watches_longer_than_time_passes() -> None:
    believed = _judge(Claim(ranges=[(100, 400)]), elapsed=1)
    assert believed.duration_watched == 1 + TOLERANCE_SECONDS
    assert believed.stretches == [(100, 103)]


@pytest.mark.parametrize(("rate", "seconds"), [(0.25, 10), (1, 10), (1.5, 15), (2, 20), (16, 20)])
def test_speed_counts_as_far_as_it_is_claimed_up_to_twice(rate: float, seconds: float) -> None:
    believed = _judge(Claim(ranges=[(0, 500)], rate=rate), elapsed=10)
    assert believed.duration_watched == seconds + TOLERANCE_SECONDS


@given(WILD, st.floats(0.1, 100_000), st.floats(-10, 1e6), st.floats(0, 100))
def test_no_lie_goes_beyond_the_clock_or_the_video(
    ranges: list[Stretch], duration: float, elapsed: float, rate: float
) -> None:
    believed = _judge(Claim(ranges=ranges, rate=rate), elapsed=elapsed, duration=duration)
    assert len(believed.stretches) <= MOST_STRETCHES
    slack = 0.001 * len(believed.stretches)
    played = sum(end - start for start, end in believed.stretches)
    assert played <= max(0, elapsed) * 2 + TOLERANCE_SECONDS + slack
    assert believed.duration_watched <= min(duration, played) + slack
    assert all(0 <= start <= end <= duration + 0.001 for start, end in believed.stretches)


def test_waits_rungs_and_errors_are_cut_to_what_can_be() -> None:
    claim = Claim(
        ranges=[],
        quality="8k",
        startup_ms=10**9,
        stall_count=10**6,
        stall_ms=10**9,
        rung_seconds={"720p": 1e6, "480p": 1e6, "=cmd": 5, "144p": 3},
        errors=10**6,
    )
    believed = _judge(claim, elapsed=10)
    assert believed.quality_used is None
    assert believed.rung_seconds == {"720p": 6, "480p": 6}
    assert (believed.startup_ms, believed.stall_ms) == (120_000, 10_000)
    assert (believed.stall_count, believed.error_count) == (21, 11)
    low = _judge(
        Claim(
            ranges=[],
            startup_ms=-5,
            stall_count=-1,
            stall_ms=-1,
            errors=-3,
            rung_seconds={"720p": -4},
        ),
        elapsed=10,
    )
    assert (low.startup_ms, low.stall_count, low.stall_ms, low.error_count) == (0, 0, 0, 0)
    assert low.rung_seconds == {}


def test_a_player_that_says_only_where_it_is_is_followed() -> None:
    known: list[Stretch] = []
    # Plays from 0 to 20, jumps to 300, plays on, goes back and pauses.
    for elapsed, position, playing in (
        (10, 10, True),
        (20, 20, True),
        (25, 300, False),
        (30, 305, True),
        (35, 50, True),
        (40, 50, False),
    ):
        claim = Claim(position=position, playing=playing)
        known = _judge(claim, elapsed=elapsed, known=known).stretches
    assert merged(known) == [(0, 20), (300, 305)]
    # A jump while it plays looks like playing, and is cut to the time that has passed.
    jump = _judge(Claim(position=600), elapsed=12, known=[(0, 10)])
    assert jump.duration_watched == 14


@given(NORMAL, st.floats(0.5, 600))
def test_nothing_is_lost_when_it_is_spread(ranges: list[Stretch], duration: float) -> None:
    duration = round(duration, 3)
    played = merged(_judge(Claim(ranges=ranges), elapsed=1e6, duration=duration).stretches)
    pieces = pieces_of(duration)
    shared = spread(played, duration, pieces)
    assert len(shared) == pieces
    assert sum(shared) == sum(round(end * 1000) - round(start * 1000) for start, end in played)
    lengths = piece_lengths(duration, pieces)
    assert sum(lengths) == round(duration * 1000)
    assert all(part <= whole for part, whole in zip(shared, lengths, strict=True))


def test_pieces() -> None:
    assert (pieces_of(0.4), pieces_of(3.2), pieces_of(199.1), pieces_of(9000)) == (1, 4, 200, 200)
    assert spread([(0.5, 2.25), (2, 3)], 4, 4) == [500, 1000, 1250, 0]


def test_a_view_is_ten_seconds_or_half_of_a_shorter_video() -> None:
    assert not is_view(9.9, 600)
    assert is_view(10, 600)
    assert is_view(4, 8)
    assert not is_view(3.9, 8)
    assert not is_view(0, 0)


def test_percentiles_by_nearest_rank() -> None:
    values = [random.Random(4).randrange(5000) for _ in range(999)]
    counts: dict[str, int] = {}
    for value in values:
        counts[str(two_figures(value))] = counts.get(str(two_figures(value)), 0) + 1
    for share in (0.5, 0.95):
        exact = sorted(values)[math.ceil(share * len(values)) - 1]
        assert percentile(counts, share) == two_figures(exact)
    assert percentile({}, 0.5) is None
    assert [two_figures(value) for value in (0, 7, 99, 104, 105, 996, 12_499)] == [
        0,
        7,
        99,
        100,
        110,
        1000,
        12_000,
    ]


def test_stretches_are_merged() -> None:
    assert merged([(5, 9), (0, 3), (2, 4), (9, 10), (20, 20)]) == [(0, 4), (5, 10)]
    assert seconds_of([(0, 0.1), (0.2, 0.3)]) == 0.2
