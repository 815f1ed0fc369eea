"""The loop that adds viewings which are over to the sums, and removes what is kept no longer."""

from __future__ import annotations

from datetime import timedelta

import anyio

from vlog.catalog import analytics_folding
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.types import now
from vlog.logs import get_logger
from vlog.settings import Settings

log = get_logger(__name__)

_EVERY_SECONDS = 60.0


class Bookkeeper:
    """Works once after the start, then every minute."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings

    async def run(self, stop: anyio.Event) -> None:
        """Keep the books until `stop` is set."""
        while not stop.is_set():
            try:
                await self.keep(stop)
            except DatabaseUnavailable as fault:
                log.warning(fault.detail, action="bookkeeping_waits")
            with anyio.move_on_after(_EVERY_SECONDS):
                await stop.wait()

    async def keep(self, stop: anyio.Event) -> None:
        """Do all that is to be done now, in short transactions that let others come between."""
        folded = pruned = 0
        while not stop.is_set() and (count := await self._fold()):
            folded += count
        while not stop.is_set() and (count := await self._prune()):
            pruned += count
        if folded or pruned:
            log.debug(
                "Viewings were added to the sums.",
                action="viewings_folded",
                folded=folded,
                pruned=pruned,
            )

    async def _fold(self) -> int:
        return await self.database.write(
            lambda session: analytics_folding.fold(session, now()), name="fold viewings"
        )

    async def _prune(self) -> int:
        kept = timedelta(days=self.settings.analytics.retention_days)
        return await self.database.write(
            lambda session: analytics_folding.prune(session, now(), kept),
            name="prune viewings",
        )
