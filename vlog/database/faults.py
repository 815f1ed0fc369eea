"""A database that cannot be used now is not a defect: its disk is full, away, or read-only.

Such a fault passes by itself once the world is well again. Every other error of the driver stays
what it is.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from vlog.errors import VLogError


class DatabaseUnavailable(VLogError):
    """The database cannot be used now: its disk gives errors or may only be read."""

    status = 503
    code = "database_unavailable"
    title = "Not available now"


class DatabaseFull(DatabaseUnavailable):
    """The disk that holds the database is full. Free some space; work then goes on by itself."""

    status = 507
    code = "database_full"
    title = "Disk full"


class DatabaseBusy(DatabaseUnavailable):
    """Another program keeps the database busy. Work goes on once that has ended."""

    code = "database_busy"


_KINDS: dict[int, type[DatabaseUnavailable]] = {
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_IOERR: DatabaseUnavailable,
    sqlite3.SQLITE_READONLY: DatabaseUnavailable,
    sqlite3.SQLITE_CANTOPEN: DatabaseUnavailable,
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
}
# The low byte is the kind, the rest says more exactly what failed.
_PRIMARY = 0xFF


def passing_fault(error: DBAPIError) -> DatabaseUnavailable | None:
    """The fault behind a driver's error, or None where waiting would not help."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    kind = _KINDS.get(code & _PRIMARY) if isinstance(code, int) else None
    return kind() if kind is not None else None
