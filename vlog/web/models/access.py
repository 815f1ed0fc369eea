"""Sessions, API tokens and the audit log, as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from vlog.catalog.api_tokens import LONGEST_NAME
from vlog.catalog.audit import ActorKind
from vlog.catalog.scopes import Scope
from vlog.web.models.base import Moment, Out


class SessionOut(Out):
    """A browser that is signed in. `current` for the one that asks."""

    id: int
    browser: str
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


class SessionList(Out):
    """Every session that goes on, the one that was used last first."""

    sessions: list[SessionOut]


class TokenOut(Out):
    """An API token; `ending` is what its text ends with. Without `expires_at` it does not end."""

    id: int
    name: str
    ending: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    expired: bool
    last_used_at: datetime | None
    last_address: str | None


class TokenList(Out):
    """Every API token that was not revoked, the newest first."""

    tokens: list[TokenOut]


class NewTokenOut(TokenOut):
    """A token that has just been made. `token` is shown this once."""

    token: str


class NewTokenIn(BaseModel):
    """A token to make. `edit` contains `read`, `admin` contains everything."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="Such as its program's")
    scopes: list[Scope] = Field(min_length=1)
    expires_at: Moment | None = None


class AuditEntryOut(Out):
    """Something that somebody did. `status` is that of HTTP; null where nobody got the answer."""

    id: int
    at: datetime
    actor_kind: ActorKind
    actor_name: str
    action: str
    summary: str
    target: str
    address: str
    status: int | None


class AuditPage(Out):
    """Entries, the newest first. `next_cursor` is null on the last page."""

    entries: list[AuditEntryOut]
    next_cursor: str | None


class AuditQuery(BaseModel):
    """Which entries."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=200)
