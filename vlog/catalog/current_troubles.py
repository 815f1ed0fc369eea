"""What went wrong lately, as the rows say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import Video, Webhook, WebhookDelivery


async def failed_videos(session: AsyncSession) -> int:
    """Videos that have failed and wait for somebody."""
    return await session.scalar(select(func.count(Video.id)).where(Video.status == "failed")) or 0


async def silent_webhooks(session: AsyncSession, since: datetime) -> list[str]:
    """The addresses that VLog has switched off, or to which messages were given up lately."""
    given_up = select(WebhookDelivery.webhook_id).where(
        WebhookDelivery.state == "failed", WebhookDelivery.attempted_at >= since
    )
    rows = await session.scalars(
        select(Webhook.url)
        .where(Webhook.disabled_reason.is_not(None) | Webhook.id.in_(given_up))
        .order_by(Webhook.id)
    )
    return list(rows)
