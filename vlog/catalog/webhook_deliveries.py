"""Messages that wait to be delivered, and the log of those that were."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import cursors, webhooks
from vlog.catalog.webhook_events import TEST, delivery_of
from vlog.database.schema import Webhook, WebhookDelivery
from vlog.errors import NotFound

_PRUNED_AT_ONCE = 500


@dataclass(frozen=True)
class Due:
    """A message that is to be sent now."""

    delivery_id: int
    webhook_id: int
    url: str
    secrets: tuple[str, ...]
    message_id: str
    payload: str
    attempt: int


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt. Seconds. With `retry_at` it is made again."""

    delivered: bool
    latency: float
    status: int | None = None
    answer: str | None = None
    error: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """One page of the log, the newest first."""

    items: list[WebhookDelivery] = field(default_factory=list)
    next_cursor: str | None = None


async def due(
    session: AsyncSession, moment: datetime, *, busy: Collection[int], limit: int
) -> list[Due]:
    """The oldest messages that are due, at most one for each receiver that is not `busy`."""
    first = (
        select(func.min(WebhookDelivery.id))
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(*_is_waiting(), WebhookDelivery.not_before <= moment)
        .where(WebhookDelivery.webhook_id.not_in(busy))
        .group_by(WebhookDelivery.webhook_id)
        .limit(limit)
    )
    rows = await session.execute(
        select(WebhookDelivery, Webhook)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.id.in_(first))
        .order_by(WebhookDelivery.id)
    )
    return [
        Due(
            delivery_id=delivery.id,
            webhook_id=webhook.id,
            url=webhook.url,
            secrets=_secrets(webhook, moment),
            message_id=delivery.message_id,
            payload=delivery.payload,
            attempt=delivery.attempt + 1,
        )
        for delivery, webhook in rows
    ]


async def next_due(session: AsyncSession, *, busy: Collection[int]) -> datetime | None:
    """When the next message is due."""
    return await session.scalar(
        select(WebhookDelivery.not_before)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(*_is_waiting(), WebhookDelivery.webhook_id.not_in(busy))
        .order_by(WebhookDelivery.not_before)
        .limit(1)
    )


async def record(
    session: AsyncSession, delivery_id: int, moment: datetime, outcome: Outcome
) -> None:
    """Keep what came of an attempt; nothing where the row is gone."""
    row = await session.get(WebhookDelivery, delivery_id)
    if row is None:
        return
    row.attempt += 1
    row.attempted_at = moment
    row.status, row.latency = outcome.status, outcome.latency
    row.answer, row.error = outcome.answer, outcome.error
    if outcome.delivered:
        row.state = "delivered"
    elif outcome.retry_at is None:
        row.state = "failed"
    else:
        row.not_before = outcome.retry_at


async def replay(session: AsyncSession, webhook_id: int, delivery_id: int) -> WebhookDelivery:
    """Send a message once more, under its own id, as a row of its own. Raises NotFound."""
    row = await session.get(WebhookDelivery, delivery_id)
    if row is None or row.webhook_id != webhook_id:
        raise NotFound("There is no such delivery. The log does not keep them for ever.")
    again = delivery_of(webhook_id, row.event, (row.message_id, row.payload), row.video_id)
    session.add(again)
    await session.flush()
    return again


async def page(
    session: AsyncSession,
    webhook_id: int,
    *,
    limit: int,
    cursor: str | None = None,
    state: str | None = None,
) -> Page:
    """The log of one receiver. Raises NotFound, BadRequest."""
    await webhooks.require(session, webhook_id)
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    if cursor is not None:
        (before,) = cursors.decode(cursor, 1)
        if not isinstance(before, int):
            raise cursors.invalid()
        query = query.where(WebhookDelivery.id < before)
    query = query.order_by(WebhookDelivery.id.desc()).limit(limit + 1)
    rows = list(await session.scalars(query))
    more = len(rows) > limit
    return Page(rows[:limit], cursors.encode([rows[limit - 1].id]) if more else None)


async def prune(session: AsyncSession, before: datetime) -> int:
    """Remove some of what is older, whatever became of it; how many were removed."""
    old = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.created_at < before)
        .order_by(WebhookDelivery.created_at)
        .limit(_PRUNED_AT_ONCE)
    )
    result = await session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)))
    return result.rowcount if isinstance(result, CursorResult) else 0


def _is_waiting() -> tuple[ColumnElement[bool], ...]:
    # A receiver that is switched off can still be tried out.
    return (
        WebhookDelivery.state == "waiting",
        or_(Webhook.enabled, WebhookDelivery.event == TEST),
    )


def _secrets(webhook: Webhook, moment: datetime) -> tuple[str, ...]:
    until = webhook.previous_until
    if webhook.previous_secret is None or until is None or until < moment:
        return (webhook.secret,)
    return (webhook.secret, webhook.previous_secret)
