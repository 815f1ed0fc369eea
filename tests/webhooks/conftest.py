"""A dispatcher that runs, and a receiver that listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio
import pytest

from tests.webhooks.receiver import Receiver, receiving
from vlog.catalog import webhook_deliveries, webhooks
from vlog.catalog.webhook_events import EVENTS
from vlog.database.engine import Database
from vlog.database.schema import Webhook, WebhookDelivery
from vlog.settings import Settings
from vlog.webhooks.addresses import Resolve, resolve
from vlog.webhooks.dispatcher import Dispatcher

Running = Callable[..., AbstractAsyncContextManager[Dispatcher]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
def running(database: Database) -> Running:
    """Run a dispatcher for a while. Loopback is allowed unless said otherwise."""

    @asynccontextmanager
    async def run(resolver: Resolve = resolve, **given: Any) -> AsyncIterator[Dispatcher]:
        values = {"allow_private_addresses": True, "retry_backoff_seconds": 0.01} | given
        settings = Settings.model_validate({"webhooks": values})
        dispatcher, stop = Dispatcher(database, settings, resolver), anyio.Event()
        task = asyncio.create_task(dispatcher.run(stop), name="webhooks")
        try:
            yield dispatcher
        finally:
            stop.set()
            async with asyncio.timeout(10):
                await task

    return run


async def add_hook(database: Database, url: str, *events: str) -> Webhook:
    """A receiver of some events, or of all."""
    return await database.write(lambda s: webhooks.add(s, url, list(events or EVENTS), ""))


async def log_of(database: Database, webhook_id: int) -> list[WebhookDelivery]:
    """What was sent, the newest first."""
    async with database.read() as session:
        return (await webhook_deliveries.page(session, webhook_id, limit=100)).items


async def ended(database: Database, webhook_id: int, number: int = 1) -> list[WebhookDelivery]:
    """Wait until so many deliveries have ended well or badly."""
    async with asyncio.timeout(20):
        while True:
            found = await log_of(database, webhook_id)
            if sum(row.state != "waiting" for row in found) >= number:
                return found
            await asyncio.sleep(0.02)
