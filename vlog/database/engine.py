"""The one engine: how connections are set up, and the two ways into a transaction.

Reads and writes are told apart by an execution option. A write begins with `BEGIN IMMEDIATE`
behind one lock: with the driver's own transactions 674 of 800 concurrent read-modify-write
updates were lost without any error, with a deferred `BEGIN` 625 failed as "database is locked",
and without the lock the slowest writer waited 1.2 s instead of 47 ms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from vlog import measures
from vlog.database.faults import passing_fault
from vlog.database.one_trip import OneTripConnection, OneTripDriver
from vlog.database.slow_queries import log_slow_queries
from vlog.tasks import to_the_end

T = TypeVar("T")

# busy_timeout comes first: switching to WAL takes a lock and may have to wait for it.
# synchronous=FULL because a commit that says READY must survive a power cut: the source goes next.
PRAGMAS = (
    "busy_timeout = 5000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "journal_size_limit = 67108864",
    "cache_size = -16000",
    "temp_store = MEMORY",
)


class Watch(Protocol):
    """Looks on at one write transaction."""

    async def before_commit(self) -> None:
        """All is written, the commit is next. What is written here is part of it."""

    def after_commit(self) -> None:
        """It is durable."""


Watcher = Callable[[AsyncSession], Watch]


class Database:
    """The shared engine with its read side and its write door.

    `watcher`, where there is one, looks on at each write transaction from its beginning.
    """

    def __init__(self, url: str, slow_query_seconds: float = 0.0) -> None:
        self.engine = create_engine(url)
        if slow_query_seconds:
            log_slow_queries(self.engine.sync_engine, slow_query_seconds)
        self._writing_engine = self.engine.execution_options(writes=True)
        self._write_lock = asyncio.Lock()
        self._trouble: str | None = None
        self._commits = 0
        self.watcher: Watcher | None = None

    @property
    def commits(self) -> int:
        """How many writes were committed here. What was read before the last one may be old."""
        return self._commits

    @property
    def trouble(self) -> str | None:
        """Why nothing could be written the last time it was tried; None when all is well."""
        return self._trouble

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session on one consistent picture of the data. Nothing written here is kept.

        Raises:
            DatabaseUnavailable: the database cannot be read now.
        """
        try:
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session
        except DBAPIError as error:
            if (fault := passing_fault(error)) is not None:
                raise fault from error
            raise

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]], *, name: str = "") -> T:
        """Run `work` in one write transaction, to its end even when the caller is cancelled.

        A statement that is cancelled half-way can leave the file write-locked until the garbage
        collector finds its cursor, so the transaction runs in a task of its own. `work` must be
        short: no file, no process, no network.

        Raises:
            DatabaseUnavailable: nothing can be written now; nothing of `work` was kept.
        """
        name = name or getattr(work, "__name__", "transaction")
        return await to_the_end(self._write(work), name=f"write: {name}")

    async def _write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        asked = time.perf_counter()
        try:
            async with self._write_lock:
                begun = time.perf_counter()
                measures.WRITE_WAIT_SECONDS.observe(begun - asked)
                async with (
                    AsyncSession(self._writing_engine, expire_on_commit=False) as session,
                    session.begin(),
                ):
                    watch = self.watcher(session) if self.watcher else None
                    result = await work(session)
                    if watch is not None:
                        await watch.before_commit()
                measures.WRITE_SECONDS.observe(time.perf_counter() - begun)
        except DBAPIError as error:
            if (fault := passing_fault(error)) is None:
                raise
            measures.WRITES_FAILED.inc()
            self._trouble = fault.detail
            raise fault from error
        self._trouble = None
        self._commits += 1
        if watch is not None:
            watch.after_commit()
        return result

    async def ping(self) -> None:
        """Read one value. Raises what the driver raises when the database cannot be read."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        """Close every connection. aiosqlite's threads keep the process alive until this ran."""
        await self.engine.dispose()


def create_engine(url: str) -> AsyncEngine:
    """The async engine for `url` with SQLite's pragmas and explicit transactions."""
    engine = create_async_engine(url, module=OneTripDriver())
    event.listen(engine.sync_engine, "connect", _set_up_connection)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _set_up_connection(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions of its own; `_begin` does.
    settable: Any = connection
    settable.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, OneTripConnection)
    raw.begin_with_next()
