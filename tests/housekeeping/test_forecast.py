"""How long the free space lasts is said only where something is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vlog.housekeeping.forecast import forecast

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
GIGABYTE = 10**9


def _points(days: int, daily: int, *, per_day: int = 4) -> list[tuple[datetime, int]]:
    steps = range(days * per_day + 1)
    return [
        (
            NOW - timedelta(days=days) + timedelta(days=step / per_day),
            10**12 + daily * step // per_day,
        )
        for step in steps
    ]


def test_steady_growth_goes_on() -> None:
    found = forecast(_points(10, 2 * GIGABYTE), 100 * GIGABYTE, NOW)
    assert found is not None
    assert found.bytes_per_day == pytest.approx(2 * GIGABYTE)
    assert (found.days_left, found.over_days) == (50.0, 10.0)


def test_only_the_last_thirty_days_count() -> None:
    before = [(at - timedelta(days=40), size * 3) for at, size in _points(10, GIGABYTE)]
    assert forecast([*before, *_points(10, GIGABYTE)], GIGABYTE, NOW) == forecast(
        _points(10, GIGABYTE), GIGABYTE, NOW
    )


def test_one_jump_at_the_end_does_not_decide_alone() -> None:
    points = _points(20, 0)
    points[-1] = (points[-1][0], points[-1][1] + 50 * GIGABYTE)
    found = forecast(points, 500 * GIGABYTE, NOW)
    assert found is not None
    assert found.bytes_per_day < GIGABYTE


@pytest.mark.parametrize("daily", [0, -GIGABYTE])
def test_what_does_not_grow_is_never_full(daily: int) -> None:
    found = forecast(_points(10, daily), GIGABYTE, NOW)
    assert found is not None
    assert found.days_left is None


def test_a_full_disk_is_full_now() -> None:
    found = forecast(_points(10, GIGABYTE), -5, NOW)
    assert found is not None
    assert found.days_left == 0


@pytest.mark.parametrize(
    "points",
    [
        [],
        _points(2, GIGABYTE),
        _points(10, GIGABYTE)[:3],
        [(NOW, 1)] * 10,
        [(at - timedelta(days=60), size) for at, size in _points(20, GIGABYTE)],
    ],
)
def test_of_too_little_nothing_is_said(points: list[tuple[datetime, int]]) -> None:
    assert forecast(points, GIGABYTE, NOW) is None
