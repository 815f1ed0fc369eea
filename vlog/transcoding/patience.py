"""Writing to a database that may take no writes for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable

T = TypeVar("T")

# Between two tries.
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0


async def write_patiently(database: Database, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """One write transaction; a database that takes no writes now is waited for.

    What is waited for is said by `Database.trouble`.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await database.write(work)
        except DatabaseUnavailable:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
