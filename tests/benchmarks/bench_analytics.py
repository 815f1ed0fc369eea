"""How quick the figures are once ten million heartbeats lie behind them."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.benchmarks import table
from vlog.catalog import analytics_sessions
from vlog.catalog.analytics_periods import days, hours, quarter_of, zone_named
from vlog.catalog.analytics_reports import overview, trends, views_of
from vlog.catalog.analytics_table import TableQuery, video_table
from vlog.catalog.analytics_video import heat_of, video_report
from vlog.catalog.analytics_watching import MOST_PIECES, Claim
from vlog.database.engine import Database
from vlog.database.migration import migrate

HEARTBEATS = 10_000_000
_HEARTBEAT_SECONDS = 30
# A viewing of five minutes on average.
_PER_VIEWING = 10
_VIDEOS = 1000
_DAYS = 365
_DURATION = 900.0
_RUNS = 5
_REPORTS = 300
_GOAL_MS = 500
_NOW = datetime(2026, 6, 30, 18, 30, tzinfo=UTC)
_ZONE = zone_named("Europe/Berlin")

_SUMS = """
INSERT INTO video_quarters
  SELECT quarter, video_id, sum(viewed_at IS NOT NULL), count(*), sum(completed),
         sum(CAST(duration_watched * 1000 AS INTEGER))
  FROM playback_sessions WHERE folded = 1 GROUP BY quarter, video_id;
INSERT INTO site_quarters
  SELECT quarter, sum(views), sum(plays), sum(completions), sum(watched_ms), 0
  FROM video_quarters GROUP BY quarter;
INSERT INTO video_viewers
  SELECT DISTINCT video_id, viewer_id FROM playback_sessions WHERE viewed_at IS NOT NULL;
INSERT INTO video_totals
  SELECT q.video_id, sum(views), (SELECT count(*) FROM video_viewers v
         WHERE v.video_id = q.video_id), sum(plays), sum(completions), sum(watched_ms)
  FROM video_quarters q GROUP BY q.video_id;
INSERT INTO video_profiles
  SELECT video_id, plays, :curve, :curve, '{"1080p": 5000, "720p": 9000}', '{"400": 9}',
         '{"0": 9}', 1, 0, '{"example.org": 4}'
  FROM video_totals;
"""


def bench(folder: Path) -> None:
    """Print what each question and each heartbeat costs the processor."""
    file = folder / "analytics.db"
    database = Database(f"sqlite+aiosqlite:///{file}")
    asyncio.run(migrate(database))
    fill(file, HEARTBEATS)
    asyncio.run(_measure(database))


def fill(file: Path, heartbeats: int, *, now: datetime = _NOW) -> None:
    """A year of viewings that took so many heartbeats, with the sums that they lead to."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        moment = "2025-01-01 00:00:00.000000"
        known = connection.execute("SELECT count(*) FROM videos").fetchone()[0]
        for number in range(known + 1, _VIDEOS + 1):
            slug = f"film-{number}"
            connection.execute("INSERT INTO slugs VALUES (?, ?)", (slug, moment))
            connection.execute(
                "INSERT INTO videos (id, title, slug, description, status, created_at, visibility,"
                " published_at, playable_at, revision, duration, has_thumbnail, origin,"
                " source_filename, source_present) VALUES"
                " (?, ?, ?, '', 'ready', ?, 'public', ?, ?, 1, ?, 0, 'upload', '', 0)",
                (number, f"Film {number}", slug, moment, moment, moment, _DURATION),
            )
        viewings = heartbeats // _PER_VIEWING
        viewers = max(1, viewings // 5)
        seen = f"{now:%Y-%m-%d} 00:00:00.000000"
        connection.executemany(
            "INSERT INTO viewers VALUES (?, ?, ?, ?, 1)",
            ((number, f"{number:064x}", moment, seen) for number in range(1, viewers + 1)),
        )
        connection.executemany(
            "INSERT INTO playback_sessions (video_id, viewer_id, session_token, quarter,"
            " started_at, last_heartbeat_at, ended_at, viewed_at, sequence, stretches,"
            " duration_watched, max_position, completed, rung_seconds, stall_count, stall_ms,"
            " error_count, folded) VALUES"
            " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', 0, 0, 0, 1)",
            _viewings(viewings, viewers, now),
        )
        curve = str([1000] * MOST_PIECES)
        for statement in _SUMS.strip().split(";")[:-1]:
            connection.execute(statement, {"curve": curve} if ":curve" in statement else {})
        connection.execute("UPDATE site_quarters SET new_viewers = 6")
        connection.commit()


def _viewings(count: int, viewers: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Some videos are watched much more than others, and evenings more than nights."""
    chance = random.Random(5)
    for number in range(count):
        video_id = min(_VIDEOS, int(chance.paretovariate(0.6)))
        hour = int(chance.triangular(0, 24, 20)) % 24
        day = timedelta(days=chance.randrange(_DAYS))
        start = now.replace(hour=0, minute=0) - day + timedelta(hours=hour, minutes=number % 60)
        watched = min(_DURATION, chance.expovariate(1 / (_PER_VIEWING * _HEARTBEAT_SECONDS)))
        text = start.strftime("%Y-%m-%d %H:%M:%S.000000")
        yield (
            video_id,
            chance.randrange(viewers) + 1,
            f"token-{number}",
            quarter_of(start),
            *(text, text, text),
            text if watched > 10 else None,
            _PER_VIEWING,
            f"[[0, {watched:.2f}]]",
            *(round(watched, 3), round(watched, 3)),
            int(watched > 0.9 * _DURATION),
        )


async def _measure(database: Database) -> None:
    today = _NOW.date()
    month = days(today - timedelta(days=27), today, _ZONE)
    year = days(today - timedelta(days=364), today, _ZONE)
    by_hour = hours(today - timedelta(days=27), today, _ZONE)
    questions: dict[str, Callable[[AsyncSession], Awaitable[object]]] = {
        "overview": lambda s: overview(s, _ZONE, _NOW),
        "28 days by day": lambda s: trends(s, month, known_from=0),
        "28 days by hour": lambda s: trends(s, by_hour, known_from=0),
        "365 days by day": lambda s: trends(s, year, known_from=0),
        "one video, 365 days by day": lambda s: trends(s, year, known_from=0, video_id=1),
        "videos, since they are here": lambda s: video_table(s, TableQuery()),
        "videos, one day": lambda s: video_table(s, TableQuery(span=month[0])),
        "one video": lambda s: video_report(s, 1),
        "heat of one video": lambda s: heat_of(s, "film-1", 10),
        "views of 24 videos": lambda s: views_of(s, range(1, 25)),
    }
    try:
        for name, ask in questions.items():
            worst = max([await _seconds(database, ask) for _ in range(_RUNS)])
            _line(f"analytics of 10 million heartbeats: {name}", worst, f"at most {_GOAL_MS}")
        await _measure_reports(database)
    finally:
        await database.dispose()


def _line(what: str, seconds: float, goal: str = "") -> None:
    table.line(f"{what} (ms)", f"{1000 * seconds:.1f}", goal=goal)


async def _seconds(database: Database, ask: Callable[[AsyncSession], Awaitable[object]]) -> float:
    """Processor time of all threads: it depends less on what else the machine does."""
    async with database.read() as session:
        started = time.process_time()
        await ask(session)
        return time.process_time() - started


async def _measure_reports(database: Database) -> None:
    token = await database.write(
        lambda session: analytics_sessions.begin(session, 1, _NOW, identity="somebody")
    )

    async def report(session: AsyncSession, number: int) -> None:
        claim = Claim(sequence=number, ranges=[(0.0, float(number))])
        moment = _NOW + timedelta(seconds=number)
        await analytics_sessions.report(session, token, claim, moment, is_new=lambda video_id: True)

    started = time.process_time()
    for number in range(1, _REPORTS + 1):
        await database.write(partial(report, number=number), name="heartbeat")
    _line("taking one heartbeat", (time.process_time() - started) / _REPORTS)
