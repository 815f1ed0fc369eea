"""Who may use the admin panel, and what they did there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from vlog.database.schema.base import NEVER_REUSED, Base
from vlog.database.types import now


class Password(Base):
    """A password that was set in the panel or on the machine, as an Argon2id hash (RFC 9106)."""

    __tablename__ = "passwords"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    hash: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class AdminSession(Base):
    """A browser that is signed in to the panel. `token_hash` is the SHA-256 of its cookie."""

    __tablename__ = "admin_sessions"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now, index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str] = mapped_column(String(255))
    address: Mapped[str] = mapped_column(String(64))


class ApiToken(Base):
    """What a program proves itself with. `ending` is what people tell tokens apart by."""

    __tablename__ = "api_tokens"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    ending: Mapped[str] = mapped_column(String(8))
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_address: Mapped[str | None] = mapped_column(String(64))


class AuditEntry(Base):
    """Something that somebody did in the panel. Nothing in it goes with what it speaks of.

    `actor_kind`: session, token, password, local (nobody needs a password), machine or stranger.
    `status` is the one of HTTP; none where the answer was never given.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_name: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(64))
    summary: Mapped[str] = mapped_column(String(255))
    target: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
