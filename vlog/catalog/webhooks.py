"""The addresses that are told what happens."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.webhook_events import TEST, delivery_of, message_of
from vlog.database.schema import Webhook, WebhookDelivery
from vlog.database.types import now
from vlog.errors import Conflict, NotFound

MOST_WEBHOOKS = 50
SECRET_PREFIX = "whsec_"
# After a change of secrets receivers can be changed over for so long.
_BOTH_SECRETS = timedelta(hours=24)
_SECRET_BYTES = 32


async def listed(session: AsyncSession) -> Sequence[Webhook]:
    """All of them, the oldest first."""
    return (await session.scalars(select(Webhook).order_by(Webhook.id))).all()


async def require(session: AsyncSession, webhook_id: int) -> Webhook:
    """One of them. Raises NotFound."""
    webhook = await session.get(Webhook, webhook_id)
    if webhook is None:
        raise NotFound("There is no such webhook. It may have been removed.")
    return webhook


async def add(session: AsyncSession, url: str, events: list[str], note: str) -> Webhook:
    """Add one with a new secret. Raises Conflict where there are too many."""
    count = await session.scalar(select(func.count(Webhook.id)))
    if (count or 0) >= MOST_WEBHOOKS:
        raise Conflict(f"There are {MOST_WEBHOOKS} webhooks already. Remove one first.")
    webhook = Webhook(url=url, events=events, note=note, secret=_new_secret())
    session.add(webhook)
    await session.flush()
    return webhook


async def change(session: AsyncSession, webhook_id: int, changes: dict[str, Any]) -> Webhook:
    """Change url, events, note or enabled, key by key. Raises NotFound."""
    webhook = await require(session, webhook_id)
    for name, value in changes.items():
        setattr(webhook, name, value)
    if webhook.enabled:
        webhook.disabled_reason = None
    return webhook


async def new_secret(session: AsyncSession, webhook_id: int) -> Webhook:
    """Sign with another secret, and for a day with the old one too. Raises NotFound."""
    webhook = await require(session, webhook_id)
    webhook.previous_secret, webhook.previous_until = webhook.secret, now() + _BOTH_SECRETS
    webhook.secret = _new_secret()
    return webhook


async def switch_off(session: AsyncSession, webhook_id: int, reason: str) -> None:
    """The receiver wants nothing any more."""
    webhook = await session.get(Webhook, webhook_id)
    if webhook is not None:
        webhook.enabled, webhook.disabled_reason = False, reason


async def remove(session: AsyncSession, webhook_id: int) -> None:
    """Remove one with its log. Raises NotFound."""
    await session.delete(await require(session, webhook_id))


async def send_test(session: AsyncSession, webhook_id: int) -> WebhookDelivery:
    """A message that only says that messages arrive. Raises NotFound."""
    await require(session, webhook_id)
    data = {"message": "This is a test. If you can read it, the webhook works."}
    delivery = delivery_of(webhook_id, TEST, message_of(TEST, data))
    session.add(delivery)
    await session.flush()
    return delivery


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
