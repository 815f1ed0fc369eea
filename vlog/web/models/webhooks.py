"""Webhooks on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vlog.catalog.webhook_events import Event

Events = Annotated[list[Event], Field(min_length=1, description="What it is told of")]
Url = Annotated[
    str, Field(min_length=1, max_length=2000, description="Such as https://example.org/hook")
]
Note = Annotated[str, Field(max_length=100, description="What it is for")]
State = Literal["waiting", "delivered", "failed"]


class NewWebhook(BaseModel):
    """A receiver to add."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    events: Events
    note: Note = ""


class WebhookChange(BaseModel):
    """What is changed of a receiver; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    events: Events | None = None
    note: Note | None = None
    enabled: bool | None = None


class WebhookOut(BaseModel):
    """A receiver. `disabled_reason` says why VLog itself has switched it off."""

    id: int
    url: str
    note: str
    events: list[Event]
    enabled: bool
    disabled_reason: str | None
    created_at: datetime


class WebhookWithSecret(WebhookOut):
    """A receiver with the secret that signs its messages. It is shown this once."""

    secret: str


class WebhookList(BaseModel):
    """All receivers, and all there is to be told of."""

    webhooks: list[WebhookOut]
    events: list[Event]


class DeliveryOut(BaseModel):
    """One message to one receiver. Seconds. `answer` is the beginning of what it said last."""

    id: int
    message_id: str
    event: str
    video_id: int | None
    state: State
    attempt: int
    max_attempts: int
    created_at: datetime
    attempted_at: datetime | None
    next_attempt_at: datetime | None
    status: int | None
    latency: float | None
    answer: str | None
    error: str | None
    payload: str


class DeliveryPage(BaseModel):
    """A page of the log, the newest first."""

    deliveries: list[DeliveryOut]
    next_cursor: str | None


class DeliveryQuery(BaseModel):
    """Which part of the log."""

    state: State | None = None
    limit: int = Field(25, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)
