"""What happens to videos, written down for whoever wants to be told.

A row for each receiver comes in the commit of the change itself: what happened is told, and what
did not is not, whenever the process dies.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import Video, Webhook, WebhookDelivery
from vlog.database.types import now

Event = Literal[
    "video.uploaded",
    "video.playable",
    "video.ready",
    "video.failed",
    "video.deleted",
    "captions.ready",
]
EVENTS: tuple[Event, ...] = get_args(Event)
# What a person sends to see whether it arrives.
TEST = "webhook.test"


async def note(session: AsyncSession, event: Event, video: Video, **more: Any) -> None:
    """In the transaction of the change: whoever wants to know of it is told."""
    hooks = await session.scalars(select(Webhook).where(Webhook.enabled))
    wanted = [hook.id for hook in hooks if event in hook.events]
    if not wanted:
        return
    message = message_of(event, {"video": _described(video), **more})
    for webhook_id in wanted:
        session.add(delivery_of(webhook_id, event, message, video.id))


def message_of(event: str, data: dict[str, Any]) -> tuple[str, str]:
    """A new message: its id, and its body."""
    body = {"type": event, "timestamp": _moment(now()), "data": data}
    return f"msg_{secrets.token_hex(12)}", json.dumps(body, ensure_ascii=False)


def delivery_of(
    webhook_id: int, event: str, message: tuple[str, str], video_id: int | None = None
) -> WebhookDelivery:
    """A row that is due now."""
    message_id, payload = message
    return WebhookDelivery(
        webhook_id=webhook_id,
        message_id=message_id,
        event=event,
        video_id=video_id,
        payload=payload,
    )


def _described(video: Video) -> dict[str, Any]:
    return {
        "id": video.id,
        "slug": video.slug,
        "title": video.title,
        "watch_url": f"/watch/{video.slug}",
        "status": video.status,
        "visibility": video.visibility,
        "duration": video.duration,
        "error_message": video.error_message,
        "created_at": _moment(video.created_at),
        "published_at": _moment(video.published_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
