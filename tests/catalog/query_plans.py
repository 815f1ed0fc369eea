"""How SQLite answers what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from vlog.database.engine import Database
from vlog.database.schema import Base

Statements = list[tuple[str, Any]]


@contextmanager
def recorded(database: Database) -> Iterator[Statements]:
    """The SELECT statements that run meanwhile, with their values."""
    found: Statements = []

    def listen(
        connection: object, cursor: object, statement: str, parameters: Any, *_: object
    ) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", listen)
    yield found
    event.remove(database.engine.sync_engine, "before_cursor_execute", listen)


async def steps_of(database: Database, statements: Statements) -> list[str]:
    """The steps in which they are answered."""
    steps: list[str] = []
    async with database.engine.connect() as connection:
        for statement, parameters in statements:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps += [str(row.detail) for row in rows]
    return steps


def table_scans(steps: list[str]) -> list[str]:
    """The steps that read a whole table from its first row to its last."""
    tables = [["SCAN", name] for name in Base.metadata.tables]
    return [step for step in steps if step.split()[:2] in tables and "INDEX" not in step]
