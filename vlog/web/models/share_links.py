"""Links that let somebody watch what is private."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from vlog.web.models.base import Moment, Out


class ShareLinkOut(Out):
    """A link that shows a video to who has it, until it expires or is revoked."""

    id: int
    note: str
    watch_url: str
    created_at: datetime
    expires_at: datetime
    expired: bool


class ShareLinkList(Out):
    """Every link to one video that was not revoked."""

    share_links: list[ShareLinkOut]


class NewShareLink(BaseModel):
    """A link to make. Without `expires_at` it lives for a week; a year is the longest."""

    model_config = ConfigDict(extra="forbid")

    expires_at: Moment | None = None
    note: str = Field("", max_length=100, description="For whom it is; only the admin sees it")
