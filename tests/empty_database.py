"""The file of a database with every table and no row: migrated once in a process, then copied."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from vlog.database.engine import Database
from vlog.database.migration import migrate


def put_empty_database(path: Path) -> str:
    """Lay one there; the URL under which it is opened."""
    path.write_bytes(_empty_database())
    return f"sqlite+aiosqlite:///{path}"


@cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        path = Path(folder) / "vlog.db"
        # A test that runs has a loop of its own in this thread.
        pool.submit(asyncio.run, _migrated(path)).result()
        return path.read_bytes()


async def _migrated(path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        await migrate(database)
    finally:
        # The last connection folds what was written into the one file.
        await database.dispose()
