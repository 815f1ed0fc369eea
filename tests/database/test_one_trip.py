"""A statement takes one trip to the connection's thread, and means what it meant with four."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.engine import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    file = tmp_path / "one.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
    connection.close()
    made = Database(f"sqlite+aiosqlite:///{file}")
    yield made
    await made.dispose()


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    send: Any = aiosqlite.Connection._execute

    async def counted(self: Any, function: Any, *arguments: Any, **named: Any) -> Any:
        made.append(function.__name__)
        return await send(self, function, *arguments, **named)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return made


async def _add(session: AsyncSession, *names: str) -> Any:
    return await session.execute(
        text("INSERT INTO things (name) VALUES (:name)"), [{"name": name} for name in names]
    )


async def _names(database: Database) -> list[str]:
    async with database.read() as session:
        return list((await session.execute(text("SELECT name FROM things ORDER BY id"))).scalars())


async def test_a_read_takes_two_trips(database: Database, trips: list[str]) -> None:
    await database.ping()
    trips.clear()
    await database.ping()
    assert len(trips) == 2, "its statement, and the end of the transaction"


async def test_a_write_takes_a_trip_for_each_statement(
    database: Database, trips: list[str]
) -> None:
    await database.write(lambda session: _add(session, "first"))
    trips.clear()
    await database.write(lambda session: _add(session, "second"))
    assert len(trips) == 3, "begin, insert and commit"
    assert await _names(database) == ["first", "second"]


async def test_a_read_sees_one_picture(database: Database) -> None:
    await database.write(lambda session: _add(session, "first"))
    async with database.read() as session:
        count = text("SELECT count(*) FROM things")
        assert (await session.execute(count)).scalar_one() == 1
        await database.write(lambda other: _add(other, "second"))
        assert (await session.execute(count)).scalar_one() == 1
    assert len(await _names(database)) == 2


async def test_what_is_written_in_a_read_is_not_kept(database: Database) -> None:
    async with database.read() as session:
        await _add(session, "never")
    assert await _names(database) == []


async def test_numbers_of_rows_and_ids_are_right(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        result: Any = await _add(session, "a", "b", "c")
        assert result.rowcount == 3
        one: Any = await session.execute(text("INSERT INTO things (name) VALUES ('d')"))
        assert one.lastrowid == 4
        none: Any = await session.execute(text("DELETE FROM things WHERE id > 99"))
        assert none.rowcount == 0
        empty = await session.execute(text("SELECT id, name FROM things WHERE id > 99"))
        assert list(empty.keys()) == ["id", "name"]
        assert empty.all() == []

    await database.write(work)


async def test_a_statement_that_fails_leaves_the_connection_usable(database: Database) -> None:
    await database.write(lambda session: _add(session, "a"))
    with pytest.raises(IntegrityError):
        await database.write(lambda session: _add(session, "b", "a"))
    assert await _names(database) == ["a"]
    with pytest.raises(OperationalError):
        async with database.read() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))
    assert await _names(database) == ["a"]


async def test_a_read_that_is_given_up_holds_nothing(database: Database) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000000) "

    async def read() -> None:
        async with database.read() as session:
            await session.execute(text(endless + "SELECT max(x) FROM n"))

    for seconds in (0.0, 0.001, 0.01, 0.1):
        task = asyncio.create_task(read())
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(20):
        await database.write(lambda session: _add(session, "after"))
        assert await _names(database) == ["after"]
    async with database.read() as session:
        checkpoint = (await session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).one()
    assert checkpoint[0] == 0, "somebody still reads an old picture"
