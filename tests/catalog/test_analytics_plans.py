"""How the database goes about each question: through an index wherever a table grows for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import event

from tests.catalog.viewings import Cinema, add_video
from vlog.catalog import analytics_folding
from vlog.catalog.analytics_periods import days, zone_named
from vlog.catalog.analytics_reports import overview, trends, views_of
from vlog.catalog.analytics_table import TableQuery, video_table
from vlog.catalog.analytics_video import heat_of, video_report
from vlog.database.engine import Database
from vlog.database.schema import Base

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ZONE = zone_named("Europe/Berlin")
# One row for each video, or for each quarter-hour of the whole site: sums go over all of them.
SUMMED = {"site_quarters", "video_totals"}


@contextmanager
def _listening(database: Database) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def listen(
        connection: object, cursor: object, statement: str, parameters: Any, *_: object
    ) -> None:
        statements.append((statement, parameters))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", listen)


async def _steps(database: Database, statements: list[tuple[str, Any]]) -> list[str]:
    found = []
    async with database.engine.connect() as connection:
        for statement, parameters in statements:
            if statement.split()[0] not in ("SELECT", "WITH", "UPDATE", "DELETE"):
                continue
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found += [str(row.detail) for row in rows]
    return found


def _is_bad(step: str) -> bool:
    """Whether a whole table is read, or an index made for one question."""
    kind, table, *words = [*step.split(), "", ""]
    if table not in Base.metadata.tables:
        return False
    scanned = kind == "SCAN" and "INDEX" not in words and table not in SUMMED
    return scanned or "AUTOMATIC" in words


async def test_every_question_goes_through_an_index(database: Database) -> None:
    cinema = Cinema(database)
    film = await add_video(database, "Film", 100, ("720p",))
    with _listening(database) as statements:
        for viewer in ("ann", "bob"):
            await cinema.watch(
                film,
                "2026-03-30T10:00:00+00:00",
                [(0, 20)],
                viewer=viewer,
                rung_seconds={"720p": 20},
            )
        await cinema.fold("2026-03-30T12:00:00+00:00")
        await cinema.watch(film, "2026-03-31T10:00:00+00:00", [(0, 20)], viewer="ann")
        spans = days(date(2026, 3, 30), date(2026, 3, 31), ZONE)
        async with database.read() as session:
            await overview(session, ZONE, NOW)
            await trends(session, spans, known_from=0)
            await trends(session, spans, known_from=0, video_id=film)
            await video_table(session, TableQuery())
            await video_table(session, TableQuery(span=spans[0]))
            await video_report(session, film)
            await heat_of(session, "film", 1)
            await views_of(session, [film])
        await database.write(
            lambda session: analytics_folding.prune(session, NOW, timedelta(days=1))
        )
    assert len(statements) > 40
    steps = await _steps(database, statements)
    assert [step for step in steps if _is_bad(step)] == []
    # Of a video with a million viewings those are read that go on, and no viewing for a viewer.
    for part in (
        "INDEX ix_playback_sessions_video_id_folded (video_id=? AND folded=?)",
        "SCAN playback_sessions USING INDEX ix_playback_sessions_open",
        "COVERING INDEX ix_playback_sessions_viewed (quarter>? AND quarter<?)",
        "COVERING INDEX ix_playback_sessions_video_viewed (video_id=? AND quarter>? AND",
    ):
        assert any(part in step for step in steps), part
    assert not [step for step in steps if "_viewed" in step and "COVERING" not in step]
