"""The loop that ends what goes on without its session, and forgets what is kept no longer."""

from __future__ import annotations

import time
from datetime import timedelta

import anyio

from vlog.catalog import admin_sessions, api_tokens, audit
from vlog.database.faults import DatabaseUnavailable
from vlog.database.types import now
from vlog.logs import get_logger
from vlog.web.admin_access import AdminAccess

log = get_logger(__name__)

_LOOK_SECONDS = 5.0
_PRUNE_SECONDS = 3600.0


class AccessKeeper:
    """Looks every few seconds at requests that go on, and every hour at what is old."""

    def __init__(self, access: AdminAccess) -> None:
        self.access = access
        self._pruned_at = float("-inf")

    async def run(self, stop: anyio.Event) -> None:
        """Keep order until `stop` is set."""
        while not stop.is_set():
            try:
                await self.end_strangers()
                if time.monotonic() - self._pruned_at >= _PRUNE_SECONDS:
                    await self.prune(stop)
                    self._pruned_at = time.monotonic()
            except DatabaseUnavailable as fault:
                log.warning(fault.detail, action="access_keeping_waits")
            with anyio.move_on_after(_LOOK_SECONDS):
                await stop.wait()

    async def end_strangers(self) -> None:
        """End requests whose session or token is over, such as an open stream of events."""
        presence, moment = self.access.presence, now()
        for kind, still_there in (
            ("session", admin_sessions.still_there),
            ("token", api_tokens.still_there),
        ):
            if numbers := presence.numbers(kind):
                async with self.access.database.read() as session:
                    left = await still_there(session, numbers, moment)
                presence.end(kind, numbers - left)

    async def prune(self, stop: anyio.Event) -> None:
        """Forget sessions that have ended and old entries of the audit log."""
        database, kept = self.access.database, self.access.settings.admin.audit_retention_days
        await database.write(
            lambda session: admin_sessions.prune(session, self.access.lifetime, now()),
            name="prune sessions",
        )
        pruned = 1
        while pruned and not stop.is_set():
            pruned = await database.write(
                lambda session: audit.prune(session, now(), timedelta(days=kept)),
                name="prune the audit log",
            )
