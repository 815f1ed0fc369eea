"""Figures of a small world whose answers are known, before and after they are folded."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog.viewings import Cinema, add_video
from vlog.catalog import analytics_folding, analytics_periods
from vlog.catalog.analytics_figures import Figures
from vlog.catalog.analytics_reports import Overview, overview, trends, views_of
from vlog.catalog.analytics_table import TableQuery, video_table
from vlog.catalog.analytics_video import VideoReport, heat_of, video_report
from vlog.catalog.analytics_watching import Claim
from vlog.database.engine import Database
from vlog.database.schema import PlaybackSession, SiteQuarter, Video, VideoViewer, Viewer
from vlog.errors import Invalid, NotFound

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def cinema(database: Database) -> Cinema:
    return Cinema(database)


async def _world(cinema: Cinema) -> tuple[int, int]:
    """Two films. The night of 29 March is the one with 23 hours in Berlin."""
    film = await add_video(cinema.database, "Film", 100, ("720p", "480p"))
    clip = await add_video(cinema.database, "Clip", 8)
    # Ann sees all of the film, and the part from 20 to 30 twice.
    await cinema.watch(
        film,
        "2026-03-28T22:50:00+00:00",
        [(0, 30), (20, 100)],
        viewer="ann",
        startup_ms=400,
        rung_seconds={"720p": 80, "480p": 30},
        referrer="a.example",
    )
    # Bob sees half, at 00:30 in Berlin, the first hour of the short day; waits twice.
    await cinema.watch(
        film,
        "2026-03-28T23:30:00+00:00",
        [(0, 25), (50, 75)],
        viewer="bob",
        startup_ms=900,
        stall_count=2,
        stall_ms=1500,
        rung_seconds={"480p": 50},
    )
    # Bob again within the hour: no view, but it was watched.
    await cinema.watch(film, "2026-03-29T00:10:00+00:00", [(75, 95)], viewer="bob")
    # Nobody in particular sees the clip, after the change, and then nine tenths of it again.
    await cinema.watch(clip, "2026-03-29T12:00:00+00:00", [(0, 8)])
    await cinema.watch(clip, "2026-03-29T12:01:00+00:00", [(0, 7.2)], is_new=lambda video: False)
    # Somebody looks in for a moment only.
    await cinema.watch(film, "2026-03-31T09:00:00+00:00", [(0, 0.5)], viewer="cleo", errors=1)
    # Ann comes back to the clip today.
    await cinema.watch(clip, "2026-03-31T10:00:00+00:00", [(0, 5)], viewer="ann")
    return film, clip


async def _read(
    cinema: Cinema, film: int
) -> tuple[Overview, list[Figures], VideoReport, list[tuple[str, int, int | None, int]]]:
    async with cinema.database.read() as session:
        seen = await overview(session, BERLIN, NOW)
        days = analytics_periods.days(date(2026, 3, 28), date(2026, 3, 31), BERLIN)
        by_day = await trends(session, days, known_from=0)
        report = await video_report(session, film)
        table = await video_table(session, TableQuery())
    rows = [
        (row.title, row.figures.views, row.figures.viewers, row.figures.watched_ms)
        for row in table.rows
    ]
    return seen, by_day, report, rows


@pytest.mark.parametrize("folded", [False, True])
async def test_the_figures_are_exact(cinema: Cinema, folded: bool) -> None:
    film, clip = await _world(cinema)
    if folded:
        assert await cinema.fold("2026-03-31T11:00:00+00:00") == 7
        assert await cinema.fold("2026-03-31T11:00:00+00:00") == 0
    seen, by_day, report, rows = await _read(cinema, film)
    # Watched: 100 + 50 + 20 of the film, 8 + 7.2 + 5 of the clip; no second twice.
    assert seen.all == Figures(views=4, viewers=2, plays=6, completions=3, watched_ms=190_200)
    assert seen.all.completion_rate == 0.5
    assert seen.all.average_seconds == pytest.approx(31.7)
    # It is Tuesday: the week began on Monday, and the viewings of the weekend are of the month.
    assert (seen.today, seen.week, seen.month) == (1, 1, 4)
    assert [(f.views, f.viewers, f.plays, f.watched_ms) for f in by_day] == [
        (1, 1, 1, 100_000),
        (2, 1, 4, 85_200),
        (0, 0, 0, 0),
        (1, 1, 1, 5_000),
    ]
    assert rows == [("Clip", 2, 1, 20_200), ("Film", 2, 2, 170_000)]
    assert report.figures == Figures(views=2, viewers=2, plays=3, completions=1, watched_ms=170_000)
    assert report.average_share == pytest.approx(170 / 300)
    assert report.retention == [
        pytest.approx((1 + (second < 25 or 50 <= second < 75) + (75 <= second < 95)) / 3, abs=1e-4)
        for second in range(100)
    ]
    assert report.rungs == {"720p": 80, "480p": 80}
    assert (report.startup.p50, report.startup.p95) == (400, 900)
    assert (report.stalls.p50, report.stalls.p95, report.stall_count) == (0, 1500, 2)
    assert (report.error_count, report.referrers) == (1, {"a.example": 1})
    async with cinema.database.read() as session:
        assert await views_of(session, [film, clip, 99]) == {film: 2, clip: 2}
        kept = await session.execute(select(Video.id, Video.views).where(Video.views > 0))
        assert {row.id: row.views for row in kept} == {film: 2, clip: 2}
        day = analytics_periods.days(date(2026, 3, 29), date(2026, 3, 29), BERLIN)[0]
        table = await video_table(session, TableQuery(sort="watch_time", span=day, limit=1))
        only = await trends(session, [day], known_from=0, video_id=film)
    assert table.total == 2
    assert [(row.title, row.figures) for row in table.rows] == [
        ("Film", Figures(views=1, viewers=1, plays=2, completions=0, watched_ms=70_000))
    ]
    assert only[0] == table.rows[0].figures


async def test_hours_of_the_short_day(cinema: Cinema) -> None:
    await _world(cinema)
    hours = analytics_periods.hours(date(2026, 3, 29), date(2026, 3, 29), BERLIN)
    assert len(hours) == 23
    assert [hour.label for hour in hours[:3]] == [
        "2026-03-29T00:00+01:00",
        "2026-03-29T01:00+01:00",
        "2026-03-29T03:00+02:00",
    ]
    async with cinema.database.read() as session:
        found = await trends(session, hours, known_from=0)
        unknown = await trends(session, hours, known_from=hours[5].first)
    views = {hour.label[11:13]: f.views for hour, f in zip(hours, found, strict=True) if f.views}
    assert views == {"00": 1, "14": 1}
    assert [figures.viewers for figures in unknown[:6]] == [None] * 5 + [0]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Asia/Kathmandu", date(2026, 5, 5), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25),
        ("America/Santiago", date(2026, 9, 6), 23),
        ("UTC", date(2026, 2, 28), 24),
    ],
)
def test_days_of_any_zone_meet_without_a_gap(zone: str, day: date, hours: int) -> None:
    where = analytics_periods.zone_named(zone)
    around = analytics_periods.days(day - timedelta(days=1), day + timedelta(days=1), where)
    assert [span.label for span in around][1] == day.isoformat()
    assert around[0].after == around[1].first
    assert around[1].after == around[2].first
    pieces = analytics_periods.hours(day, day, where)
    assert len(pieces) == hours
    assert (pieces[0].first, pieces[-1].after) == (around[1].first, around[1].after)
    assert all(span.start.timestamp() % 900 == 0 for span in around)


def test_zones_and_spans_that_cannot_be_are_refused() -> None:
    for name in ("Mars/Olympus", "../../etc/passwd", "", "Europe", "a\0b", "x" * 500):
        with pytest.raises(Invalid):
            analytics_periods.zone_named(name)
    with pytest.raises(Invalid, match="first day"):
        analytics_periods.days(date(2026, 2, 2), date(2026, 2, 1), BERLIN)
    with pytest.raises(Invalid, match="1100"):
        analytics_periods.hours(date(2026, 1, 1), date(2026, 4, 1), BERLIN)


async def test_reports_may_come_twice_late_or_in_any_order(cinema: Cinema) -> None:
    film = await add_video(cinema.database, "Film", 100)
    token = await cinema.watch(film, "2026-03-01T10:00:00+00:00", [(0, 30)], ends=False)
    moment = datetime(2026, 3, 1, 10, 2, tzinfo=UTC)
    second, third = (
        Claim(sequence=2, ranges=[(0, 60)]),
        Claim(sequence=3, ranges=[(0, 60), (70, 80)]),
    )
    for claim in (third, second, third, Claim(sequence=1, ranges=[(0, 30)])):
        found = await cinema.report(token, claim, moment)
        assert found.duration_watched == 70
    await cinema.report(token, third, moment, ends=True)
    # The one before the last is overtaken by the last one.
    assert (await cinema.report(token, second, moment)).duration_watched == 70
    assert await cinema.fold("2026-03-01T10:03:00+00:00") == 0
    assert await cinema.fold("2026-03-01T10:05:00+00:00") == 1
    with pytest.raises(NotFound, match="over"):
        await cinema.report(token, Claim(sequence=9, ranges=[(0, 99)]), moment)
    with pytest.raises(NotFound):
        await cinema.report("made up", third, moment)


async def test_ten_reports_in_a_second_are_a_second(cinema: Cinema) -> None:
    film = await add_video(cinema.database, "Film", 600)
    began = "2026-03-01T10:00:00+00:00"
    token = await cinema.watch(film, began, [], ends=False)
    moment = datetime.fromisoformat(began)
    for number in range(1, 11):
        moment += timedelta(seconds=0.1)
        lie = Claim(sequence=number, ranges=[(0, 30.0 * number)], rate=100, rung_seconds={"1p": 30})
        report = await cinema.report(token, lie, moment, ends=True)
        # At twice the speed a second has two seconds of the video, and two are for the way.
        assert report.duration_watched <= 4
        assert not report.viewed
    # Neither do ten from a player that only says where it is.
    other = await cinema.watch(film, began, [], ends=False)
    moment = datetime.fromisoformat(began)
    for number in range(1, 11):
        moment += timedelta(seconds=0.1)
        report = await cinema.report(other, Claim(position=30.0 * number), moment)
        assert report.duration_watched <= 3
    await cinema.fold("2026-03-01T11:00:00+00:00")
    async with cinema.database.read() as session:
        seen = (await overview(session, BERLIN, NOW)).all
    assert (seen.views, seen.watched_ms) == (0, 7000)


@pytest.mark.parametrize(
    "state",
    [
        {"visibility": "private"},
        {"published_at": None},
        {"status": "deleting"},
        {"status": "receiving"},
        {"playable_at": None},
    ],
)
async def test_what_nobody_can_watch_is_not_counted(cinema: Cinema, state: dict[str, Any]) -> None:
    film = await add_video(cinema.database, "Film", 100, **state)
    with pytest.raises(NotFound):
        await cinema.watch(film, "2026-03-01T10:00:00+00:00", [(0, 20)])
    with pytest.raises(NotFound):
        await cinema.watch(2**53, "2026-03-01T10:00:00+00:00", [(0, 20)])


async def test_a_viewer_counts_once_an_hour_and_is_known_by_a_hash(cinema: Cinema) -> None:
    film = await add_video(cinema.database, "Film", 100)
    for clock in ("10:00", "10:30", "11:05", "11:10"):
        await cinema.watch(film, f"2026-03-01T{clock}:00+00:00", [(0, 20)], viewer="secret")
    async with cinema.database.read() as session:
        assert (await views_of(session, [film])) == {film: 2}
        keys = list(await session.scalars(select(Viewer.session_id)))
    assert len(keys) == 1
    assert "secret" not in keys[0]


async def test_the_most_replayed_parts_stay_secret_while_viewers_are_few(cinema: Cinema) -> None:
    film = await add_video(cinema.database, "Film", 40)
    heats = []
    for number in range(3):
        moment = f"2026-03-01T1{number}:00:00+00:00"
        played = [(0.0, 20.0), (10.0, 20.0), (10.0, 20.0)]
        await cinema.watch(film, moment, played, viewer=f"viewer {number}")
        await cinema.fold("2026-03-02T00:00:00+00:00")
        async with cinema.database.read() as session:
            heats.append(await heat_of(session, "film", 3))
            assert (await heat_of(session, "film", 0)).values == []
    assert [heat.values for heat in heats] == [[], [], [0.333] * 10 + [1.0] * 10 + [0.0] * 20]
    assert heats[0].piece_seconds == 1


async def test_old_viewings_go_and_the_sums_stay(cinema: Cinema) -> None:
    film, _ = await _world(cinema)
    await cinema.fold("2026-03-31T11:00:00+00:00")
    await cinema.watch(film, "2026-03-31T13:00:00+00:00", [(0, 20)], ends=False)
    before = (await _read(cinema, film))[0]
    later = NOW + timedelta(days=500)
    pruned = await cinema.database.write(
        lambda session: analytics_folding.prune(session, later, timedelta(days=30))
    )
    # Seven viewings that are over, and three viewers.
    assert pruned == 10
    seen, by_day, report, _ = await _read(cinema, film)
    assert seen == before
    assert [figures.views for figures in by_day] == [1, 2, 0, 2]
    assert report.figures.viewers == 2
    async with cinema.database.read() as session:
        assert await session.scalar(select(func.count(PlaybackSession.id))) == 1
        assert await session.scalar(select(func.count(VideoViewer.viewer_id))) == 0


async def test_a_removed_video_leaves_the_sums_of_the_site(cinema: Cinema) -> None:
    film, _ = await _world(cinema)
    await cinema.fold("2026-03-31T11:00:00+00:00")

    async def remove(session: AsyncSession) -> None:
        await session.execute(text("DELETE FROM videos WHERE id = :id"), {"id": film})

    await cinema.database.write(remove)
    async with cinema.database.read() as session:
        assert (await overview(session, BERLIN, NOW)).all.views == 4
        assert [r.title for r in (await video_table(session, TableQuery())).rows] == ["Clip"]
        assert await session.scalar(select(func.sum(SiteQuarter.watched_ms))) == 190_200


_ZONES = st.text(max_size=64) | st.sampled_from(
    ("Europe/Berlin", "America", "../../etc/passwd", "/etc/localtime", "\0", "Pacific/Chatham", ".")
)


@settings(max_examples=100)
@given(_ZONES, st.dates(date(2000, 1, 1), date(2199, 12, 31)), st.integers(-3, 40))
def test_any_zone_divides_days_without_a_gap_or_is_refused(
    name: str, first: date, more: int
) -> None:
    with suppress(Invalid):
        zone = analytics_periods.zone_named(name)
        spans = analytics_periods.days(first, first + timedelta(days=more), zone)
        assert len(spans) == more + 1
        assert all(a.after == b.first for a, b in pairwise(spans))
        hours = analytics_periods.hours(first, first, zone)
        assert (hours[0].first, hours[-1].after) == (spans[0].first, spans[0].after)
