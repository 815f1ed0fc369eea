"""Statements that take one trip to the connection's thread, where the usual ones take four.

aiosqlite sends each call of a cursor to a thread and back: make it, execute, fetch, close. Every
trip waits for the thread to be scheduled and then for its turn in the event loop. While uploads
came in, an answer that reads one table needed ten trips and 45 ms, and one without the database
10 ms.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_


class _Outcome(NamedTuple):
    """What a statement left, once its cursor is closed."""

    description: Any
    rows: list[Any]
    rowcount: int
    lastrowid: int | None


_NOTHING = _Outcome(None, [], -1, None)


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    """Executes, fetches and closes at once; the rows are held until they are asked for."""

    __slots__ = ("_outcome", "_owner")

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        # The base class would make a cursor on the other side, which is a trip of its own.
        assert isinstance(adapt_connection, OneTripConnection)
        self._owner = adapt_connection
        self._adapt_connection = adapt_connection
        self._rows = deque()
        self._outcome = _NOTHING

    @property
    def description(self) -> Any:
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> Any:
        return self._outcome.lastrowid

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        values = () if parameters is None else parameters
        return self._take(lambda cursor: cursor.execute(operation, values))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        return self._take(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        # It is closed already.
        return

    def _take(self, work: Callable[[sqlite3.Cursor], object]) -> OneTripCursor:
        self._outcome = self._owner.send(work)
        self._rows = deque(self._outcome.rows)
        return self


class OneTripConnection(AsyncAdapt_aiosqlite_connection):
    """A connection that makes no trip for nothing."""

    __slots__ = ("_begins", "_touched")
    _cursor_cls = OneTripCursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self._begins = False
        self._touched = True

    def begin_with_next(self) -> None:
        """Begin a transaction together with its first statement.

        A deferred transaction of SQLite sees the data as they are at its first statement, so
        nothing is read later than it would be otherwise.
        """
        self._begins = True

    def send(self, work: Callable[[sqlite3.Cursor], object]) -> _Outcome:
        """Run one statement. Raises what the driver raises."""
        begins, self._begins = self._begins, False
        self._touched = True
        try:
            return await_(self._send(work, begins))
        except Exception as error:
            self._handle_exception(error)

    async def _send(self, work: Callable[[sqlite3.Cursor], object], begins: bool) -> _Outcome:
        driver: Any = self._connection
        async with self._execute_mutex:
            found: _Outcome = await driver._execute(_at_once, driver._conn, work, begins)
            return found

    def rollback(self) -> None:
        """The pool rolls back once more what ended already: a trip only where something came."""
        self._begins = False
        if self._touched:
            super().rollback()
            self._touched = False

    def commit(self) -> None:
        if self._touched:
            super().commit()
            self._touched = False


def _at_once(
    connection: sqlite3.Connection, work: Callable[[sqlite3.Cursor], object], begins: bool
) -> _Outcome:
    """In the connection's thread."""
    cursor = connection.cursor()
    try:
        if begins:
            cursor.execute("BEGIN")
        work(cursor)
        rows = cursor.fetchall() if cursor.description else []
        return _Outcome(cursor.description, rows, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()


class OneTripDriver(AsyncAdapt_aiosqlite_dbapi):
    """aiosqlite as SQLAlchemy knows it, with such connections."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **named: Any) -> AsyncAdapt_aiosqlite_connection:
        connection = super().connect(*arguments, **named)
        return OneTripConnection(self, connection._connection)
