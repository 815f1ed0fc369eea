"""The loop that delivers messages: several receivers at once, each one message after the other.

A message is delivered at least once. Who is killed between the answer and its record sends it
again, under the same id.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from vlog import __version__
from vlog.catalog import webhook_deliveries, webhooks
from vlog.catalog.webhook_deliveries import Due, Outcome
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.types import now
from vlog.errors import VLogError
from vlog.logs import get_logger
from vlog.settings import Settings, WebhookSettings
from vlog.tasks import woken
from vlog.webhooks.addresses import Resolve, resolve, target_of
from vlog.webhooks.answers import Answer, NoAnswer
from vlog.webhooks.signatures import signed_headers

log = get_logger(__name__)

_MOST_AT_ONCE = 4
# Whether something was written meanwhile is a look at a number.
_LOOK_SECONDS = 1.0
_SHORTEST_SECONDS = 0.05
_PRUNE_SECONDS = 3600.0
_LONGEST_PAUSE = timedelta(hours=6)
_GROWTH = 4
_GONE = 410
_USER_AGENT = f"VLog/{__version__}"


class Dispatcher:
    """Delivers what is due until it is told to stop."""

    def __init__(self, database: Database, settings: Settings, resolver: Resolve = resolve) -> None:
        self.database = database
        self.settings = settings
        self._resolver = resolver
        self._wake = asyncio.Event()
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._commits = -1
        self._next_due: datetime | None = None
        self._pruned_at = -_PRUNE_SECONDS

    def wake(self) -> None:
        """There is something to deliver."""
        self._wake.set()

    async def run(self, stop: anyio.Event) -> None:
        """Deliver until `stop` is set; what is on its way then is sent again after the start."""
        stopping = asyncio.create_task(stop.wait(), name="webhooks stop")
        try:
            while not stop.is_set():
                self._wake.clear()
                try:
                    await self._begin_due()
                    await self._prune()
                except DatabaseUnavailable as fault:
                    log.warning(fault.detail, action="webhooks_wait")
                await woken(self._wake, {stopping, *self._sending.values()}, self._pause())
                self._forget_ended()
        finally:
            stopping.cancel()
            tasks = list(self._sending.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._sending.clear()

    def _pause(self) -> float:
        """Seconds until something can be due."""
        if self._next_due is None or len(self._sending) >= _MOST_AT_ONCE:
            return _LOOK_SECONDS
        left = (self._next_due - now()).total_seconds()
        return min(_LOOK_SECONDS, max(_SHORTEST_SECONDS, left))

    def _forget_ended(self) -> None:
        for webhook_id, task in list(self._sending.items()):
            if task.done():
                del self._sending[webhook_id]
                # The receiver may have more that waits.
                self._commits = -1
                task.result()

    async def _begin_due(self) -> None:
        """Begin with what is due, unless nothing can have become due since the last look."""
        moment, commits = now(), self.database.commits
        unchanged = commits == self._commits
        if unchanged and (self._next_due is None or self._next_due > moment):
            return
        free = _MOST_AT_ONCE - len(self._sending)
        if free <= 0:
            return
        async with self.database.read() as session:
            found = await webhook_deliveries.due(session, moment, busy=self._sending, limit=free)
            busy = {*self._sending, *(due.webhook_id for due in found)}
            self._next_due = await webhook_deliveries.next_due(session, busy=busy)
        self._commits = commits
        for due in found:
            self._sending[due.webhook_id] = asyncio.create_task(
                self._deliver(due), name=f"webhook {due.webhook_id}"
            )

    async def _deliver(self, due: Due) -> None:
        outcome = await self._attempt(due, self.settings.webhooks)
        try:
            await self.database.write(
                partial(_record, due=due, outcome=outcome), name="record delivery"
            )
        except DatabaseUnavailable:
            # It is sent again: nobody has noted that it was.
            await asyncio.sleep(_LOOK_SECONDS)
            return
        log.info(
            "A webhook was delivered." if outcome.delivered else "A webhook was not delivered.",
            action="webhook_delivered" if outcome.delivered else "webhook_not_delivered",
            webhook_id=due.webhook_id,
            delivery_id=due.delivery_id,
            attempt=due.attempt,
            status=outcome.status,
            error=outcome.error,
        )

    async def _attempt(self, due: Due, settings: WebhookSettings) -> Outcome:
        began = time.monotonic()
        payload = due.payload.encode()
        headers = {
            "content-type": "application/json",
            "user-agent": _USER_AGENT,
            **signed_headers(due.message_id, int(time.time()), payload, due.secrets),
        }
        try:
            target = await target_of(
                due.url, allow_private=settings.allow_private_addresses, resolver=self._resolver
            )
            # Loaded when the first message goes: few sites have receivers, and all of them start.
            posting = await asyncio.to_thread(import_module, "vlog.webhooks.posting")
            answer: Answer = await posting.post(
                target, headers, payload, limit_seconds=settings.timeout_seconds
            )
        except (VLogError, NoAnswer) as error:
            reason = error.detail if isinstance(error, VLogError) else str(error)
            return Outcome(
                delivered=False,
                latency=round(time.monotonic() - began, 3),
                error=reason,
                retry_at=retry_at(due.attempt, settings, now()),
            )
        return outcome_of(answer, due.attempt, settings, now())

    async def _prune(self) -> None:
        if time.monotonic() - self._pruned_at < _PRUNE_SECONDS:
            return
        before = now() - timedelta(days=self.settings.webhooks.retention_days)
        removed = await self.database.write(
            lambda session: webhook_deliveries.prune(session, before), name="prune deliveries"
        )
        if not removed:
            self._pruned_at = time.monotonic()


async def _record(session: AsyncSession, due: Due, outcome: Outcome) -> None:
    await webhook_deliveries.record(session, due.delivery_id, now(), outcome)
    if outcome.status == _GONE:
        reason = f"The receiver answered that it is gone ({_GONE})."
        await webhooks.switch_off(session, due.webhook_id, reason)


def outcome_of(
    answer: Answer, attempt: int, settings: WebhookSettings, moment: datetime
) -> Outcome:
    """What an answer means: 2xx is delivered, 410 is never tried again, the rest later."""
    delivered = 200 <= answer.status < 300
    again, error = None, None
    if not delivered:
        error = f"The receiver answered with status {answer.status}."
        if 300 <= answer.status < 400:
            error += " Redirects are not followed."
        if answer.status != _GONE:
            again = retry_at(attempt, settings, moment, answer.retry_after)
    return Outcome(
        delivered=delivered,
        latency=answer.latency,
        status=answer.status,
        answer=answer.body,
        error=error,
        retry_at=again,
    )


def retry_at(
    attempt: int, settings: WebhookSettings, moment: datetime, asked_seconds: float | None = None
) -> datetime | None:
    """When to try again: after a pause that grows fourfold, a little uneven, or never."""
    if attempt >= settings.max_attempts:
        return None
    seconds = settings.retry_backoff_seconds * _GROWTH ** (attempt - 1) * random.uniform(1.0, 1.1)
    pause = timedelta(seconds=max(seconds, asked_seconds or 0.0))
    return moment + min(pause, _LONGEST_PAUSE)
