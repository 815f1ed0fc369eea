"""Rows for every table of any schema, made from what the tables themselves say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.types import JSON, Boolean, DateTime, Float, Integer, LargeBinary, TypeEngine

from vlog.database.full_text import is_part_of_index

Rows = dict[str, list[dict[str, Any]]]

ROWS = 2


def tables_of(connection: Connection) -> list[Table]:
    """The tables with rows of their own, those that others name first."""
    known = MetaData()
    known.reflect(connection)
    return [
        table
        for table in known.sorted_tables
        if table.name != "alembic_version" and not is_part_of_index(table.name)
    ]


def _names_of(connection: Connection) -> list[str]:
    """The names of the same tables: to read them takes much less than to reflect them."""
    found = connection.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    ).scalars()
    return [name for name in found if name != "alembic_version" and not is_part_of_index(name)]


def fill(connection: Connection, first: int = 1) -> None:
    """Put rows with a value in every column into every table; `first` keeps them apart."""
    for table in tables_of(connection):
        for number in range(first, first + ROWS):
            row = {column.name: _value(table, column.name, number) for column in table.columns}
            connection.execute(table.insert().values(row))


def rows_of(connection: Connection) -> Rows:
    """Every row of every table, as SQLite has it."""
    return {
        name: [
            dict(row)
            for row in connection.execute(text(f'SELECT * FROM "{name}" ORDER BY 1, 2')).mappings()
        ]
        for name in _names_of(connection)
    }


def lost(before: Rows, after: Rows) -> dict[str, list[dict[str, Any]]]:
    """The rows that were there before, and are not with the columns that both have."""
    missing: Rows = {}
    for name, rows in before.items():
        if name not in after:
            continue
        columns = set(rows[0]) & set(after[name][0] if after[name] else rows[0])
        there = [{key: row[key] for key in columns} for row in after[name]]
        gone = [row for row in rows if {key: row[key] for key in columns} not in there]
        if gone:
            missing[name] = gone
    return missing


def _value(table: Table, name: str, number: int) -> Any:
    column = table.columns[name]
    for key in column.foreign_keys:
        if key.column.table is table:
            return None
        return _value(key.column.table, key.column.name, number)
    return _of_type(column.type, f"{table.name} {name}", number)


def _of_type(kind: TypeEngine[Any], label: str, number: int) -> Any:
    # Values are given as SQLite keeps them: reflected columns know nothing of our own types.
    if isinstance(kind, Boolean):
        return number % 2 == 1
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, Float):
        return number + 0.5
    if isinstance(kind, LargeBinary):
        return bytes([number]) * 4
    if isinstance(kind, JSON):
        return {"number": number}
    if isinstance(kind, DateTime):
        return datetime(2026, 1, 1, 12, number % 60, number // 60)  # noqa: DTZ001
    length = getattr(kind, "length", None)
    return f"{number} {label}"[:length]
