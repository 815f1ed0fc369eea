"""Whether a database's file is sound. These calls block, and read the whole file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from vlog.database import full_text
from vlog.database.copies import open_existing

_MOST_COMPLAINTS = 20


def complaints_about(file: Path) -> list[str]:
    """What is wrong inside a database, in SQLite's words; empty where all is well.

    Pages, indexes and constraints are looked at, and that no row names one that is not there.
    Others may read and write meanwhile.
    """
    try:
        with closing(open_existing(file)) as connection:
            found = connection.execute(f"PRAGMA integrity_check({_MOST_COMPLAINTS})").fetchall()
            complaints = [text for (text,) in found if text != "ok"]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_COMPLAINTS)
    except sqlite3.Error as error:
        return [str(error)]
    return complaints + [
        f"row {row} of {table} names a row of {parent} that is not there"
        for table, row, parent, _ in broken
    ]


def index_complaints(file: Path) -> list[str]:
    """Which full-text indexes do not say what the rows say; nobody else may write meanwhile."""
    wrong = []
    with closing(open_existing(file)) as connection:
        there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        for name in full_text.INDEXES:
            if name not in there:
                continue
            try:
                connection.execute(
                    f"INSERT INTO {name}({name}, rank) VALUES ('integrity-check', 1)"
                )
            except sqlite3.DatabaseError:
                wrong.append(f"the index {name} does not have the words of its rows")
            connection.rollback()
    return wrong


def rebuild_indexes(file: Path) -> None:
    """Make the full-text indexes anew from the rows; nobody else may write meanwhile."""
    with closing(open_existing(file)) as connection, connection:
        for name in full_text.INDEXES:
            connection.execute(f"INSERT INTO {name}({name}) VALUES ('rebuild')")
