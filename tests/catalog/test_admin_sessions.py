"""Sessions, tokens and the audit log: every question about them goes through an index."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog.query_plans import recorded, steps_of, table_scans
from vlog.catalog import admin_sessions, api_tokens, audit
from vlog.catalog.admin_sessions import Lifetime, Visitor
from vlog.catalog.audit import Actor, Deed
from vlog.database.engine import Database
from vlog.database.types import now

LIFETIME = Lifetime(timedelta(hours=1), timedelta(days=1))


async def _start(database: Database, agent: str = "agent") -> str:
    return await database.write(
        lambda session: admin_sessions.start(session, Visitor(agent, "::1"), LIFETIME)
    )


async def test_the_oldest_sessions_go_where_there_are_too_many(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_sessions, "MOST", 3)
    tokens = [await _start(database, f"agent {number}" + "x" * 300) for number in range(5)]
    async with database.read() as session:
        found = [await admin_sessions.find(session, token, LIFETIME) for token in tokens]
        assert [row is not None for row in found] == [False, False, True, True, True]
        listed = await admin_sessions.all_of(session, LIFETIME)
    assert [row.user_agent[:7] for row in listed] == ["agent 4", "agent 3", "agent 2"]
    assert {len(row.user_agent) for row in listed} == {255}


async def test_signing_out_everywhere_can_leave_one(database: Database) -> None:
    tokens = [await _start(database) for _ in range(3)]
    assert await database.write(lambda session: admin_sessions.end_all(session, but=2)) == 2
    async with database.read() as session:
        found = [await admin_sessions.find(session, token, LIFETIME) for token in tokens]
        assert [row is not None for row in found] == [False, True, False]
        assert await admin_sessions.still_there(session, {1, 2, 3}, now()) == {2}
        assert await admin_sessions.still_there(session, {2}, now() + LIFETIME.longest) == set()


async def test_every_question_goes_through_an_index(database: Database) -> None:
    token = await _start(database)

    async def fill(session: AsyncSession) -> str:
        for number in range(3):
            deed = Deed("try", f"Deed {number}", "", 200)
            audit.note(session, Actor("machine"), "", deed)
        return (await api_tokens.make(session, "x", ["read"], None)).text

    text = await database.write(fill)
    with recorded(database) as statements:
        async with database.read() as session:
            assert await admin_sessions.find(session, token, LIFETIME) is not None
            await admin_sessions.all_of(session, LIFETIME)
            await admin_sessions.still_there(session, {1}, now())
            assert await api_tokens.find(session, text) is not None
            await api_tokens.still_there(session, {1}, now())
            page = await audit.page(session, None, 2)
            await audit.page(session, page.next_cursor, 2)
            for parameter in ("video_id", "playlist_id", "category_id", "token_id", "session_id"):
                await audit.target_of(session, {parameter: 1})
        await database.write(lambda session: audit.prune(session, now(), timedelta(days=1)))
        await database.write(lambda session: admin_sessions.prune(session, LIFETIME, now()))
    steps = await steps_of(database, statements)
    assert len(steps) >= 12
    # The newest entries are at the end of the table itself.
    assert [step for step in table_scans(steps) if step != "SCAN audit_entries"] == []
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps
