"""Who did what in the panel: a list that only grows, and forgets what is old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import cursors
from vlog.database.schema import AdminSession, ApiToken, AuditEntry, Category, Playlist, Video

ActorKind = Literal["session", "token", "password", "local", "machine", "stranger"]

# So many go at once, so that others come between.
_PRUNED_AT_ONCE = 1000
# What the parameters of addresses speak of, and what people call it.
_NAMED: dict[str, tuple[str, Any]] = {
    "video_id": ("Video", Video.title),
    "playlist_id": ("Playlist", Playlist.title),
    "category_id": ("Category", Category.name),
    "token_id": ("Token", ApiToken.name),
    "session_id": ("Session", AdminSession.address),
}


@dataclass(frozen=True)
class Actor:
    """Who it was."""

    kind: ActorKind
    name: str = ""


@dataclass(frozen=True)
class Deed:
    """What was done to what. `action` never changes, `summary` is for people."""

    action: str
    summary: str
    target: str = ""
    status: int | None = None


@dataclass(frozen=True)
class Page:
    """Some entries, the newest first, and where the list goes on."""

    entries: list[AuditEntry]
    next_cursor: str | None


def note(session: AsyncSession, actor: Actor, address: str, deed: Deed) -> None:
    """Write it down."""
    session.add(
        AuditEntry(
            actor_kind=actor.kind,
            actor_name=actor.name[:255],
            action=deed.action[:64],
            summary=deed.summary[:255],
            target=deed.target[:300],
            address=address[:64],
            status=deed.status,
        )
    )


async def page(session: AsyncSession, cursor: str | None, limit: int) -> Page:
    """Entries after a cursor. Raises BadRequest for a cursor that was not given out here."""
    found = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if cursor:
        (last,) = cursors.decode(cursor, 1)
        if not isinstance(last, int):
            raise cursors.invalid()
        found = found.where(AuditEntry.id < last)
    entries = list(await session.scalars(found))
    more = len(entries) > limit
    entries = entries[:limit]
    return Page(entries, cursors.encode([entries[-1].id]) if more else None)


async def prune(session: AsyncSession, moment: datetime, kept: timedelta) -> int:
    """Forget what is older than `kept`, a thousand at most; how many they were."""
    old = (
        select(AuditEntry.id)
        .where(AuditEntry.at < moment - kept)
        .order_by(AuditEntry.at)
        .limit(_PRUNED_AT_ONCE)
    )
    gone = await session.scalars(
        delete(AuditEntry).where(AuditEntry.id.in_(old)).returning(AuditEntry.id)
    )
    return len(list(gone))


async def target_of(session: AsyncSession, parameters: dict[str, Any]) -> str:
    """What the parameters of an address speak of, such as `Video 12, “Holiday”`; or nothing."""
    for parameter, (kind, column) in _NAMED.items():
        number = parameters.get(parameter)
        if isinstance(number, int):
            table = column.class_
            name = await session.scalar(select(column).where(table.id == number))
            return named(kind, number, name)
    return ""


def named(kind: str, number: int, name: str | None) -> str:
    """`Video 12, “Holiday”`."""
    return f"{kind} {number}, “{name}”" if name else f"{kind} {number}"
