"""Slow statements are named with their text, and never with what somebody typed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from structlog.testing import capture_logs

from vlog.database.engine import Database

_COUNT = """WITH RECURSIVE numbers(n) AS (
        SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :most
    ) SELECT count(*) FROM numbers WHERE :word <> ''"""


async def _logged(tmp_path: Path, seconds: float) -> list[str]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'vlog.db'}", seconds)
    try:
        with capture_logs() as records:
            async with database.read() as session:
                await session.execute(text(_COUNT), {"most": 500_000, "word": "somebody's word"})
                await session.execute(text("SELECT 1"))
    finally:
        await database.dispose()
    slow = [record for record in records if record["action"] == "slow_query"]
    assert all(record["milliseconds"] >= 50 for record in slow)
    assert "somebody" not in str(records)
    return [record["statement"] for record in slow]


async def test_only_what_is_slow_is_named(tmp_path: Path) -> None:
    [statement] = await _logged(tmp_path, 0.05)
    assert statement.startswith("WITH RECURSIVE numbers(n) AS ( SELECT 1 UNION ALL")


async def test_nothing_is_named_where_nothing_is_wished_for(tmp_path: Path) -> None:
    assert await _logged(tmp_path, 0.0) == []
