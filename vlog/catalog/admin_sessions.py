"""Browsers that are signed in to the panel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.opaque_tokens import digest_of, new_token
from vlog.database.schema import AdminSession
from vlog.database.types import now
from vlog.errors import NotFound

# More of them at once are no person's browsers.
MOST = 100
_LONGEST_AGENT = 255


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts without being used, and however much it is used."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True)
class Visitor:
    """Who signs in: what the browser calls itself, and where it is."""

    user_agent: str
    address: str


async def start(session: AsyncSession, visitor: Visitor, lifetime: Lifetime) -> str:
    """Sign a browser in; the token for its cookie. The oldest go where there are too many."""
    token, moment = new_token(), now()
    session.add(
        AdminSession(
            token_hash=digest_of(token),
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + lifetime.longest,
            user_agent=visitor.user_agent[:_LONGEST_AGENT],
            address=visitor.address,
        )
    )
    await session.flush()
    kept = select(AdminSession.id).order_by(AdminSession.id.desc()).limit(MOST)
    await session.execute(delete(AdminSession).where(AdminSession.id.not_in(kept)))
    return token


async def find(session: AsyncSession, token: str, lifetime: Lifetime) -> AdminSession | None:
    """The session of a cookie, if it goes on."""
    found = await session.scalar(
        select(AdminSession).where(AdminSession.token_hash == digest_of(token))
    )
    moment = now()
    if found is None or found.expires_at <= moment:
        return None
    return found if found.last_seen_at + lifetime.idle > moment else None


async def touch(session: AsyncSession, session_id: int, address: str) -> None:
    """Note that it was used just now."""
    await session.execute(
        update(AdminSession)
        .where(AdminSession.id == session_id)
        .values(last_seen_at=now(), address=address)
    )


async def all_of(session: AsyncSession, lifetime: Lifetime) -> list[AdminSession]:
    """Every session that goes on, the one that was used last first."""
    moment = now()
    rows = await session.scalars(
        select(AdminSession)
        .where(AdminSession.last_seen_at > moment - lifetime.idle, AdminSession.expires_at > moment)
        .order_by(AdminSession.last_seen_at.desc(), AdminSession.id.desc())
        .limit(MOST)
    )
    return list(rows)


async def still_there(session: AsyncSession, ids: set[int], moment: datetime) -> set[int]:
    """Those of some sessions that were neither ended nor have come to their end."""
    rows = await session.scalars(
        select(AdminSession.id).where(AdminSession.id.in_(ids), AdminSession.expires_at > moment)
    )
    return set(rows)


async def end(session: AsyncSession, session_id: int) -> bool:
    """Sign one browser out; whether it was signed in."""
    ended = await session.scalars(
        delete(AdminSession).where(AdminSession.id == session_id).returning(AdminSession.id)
    )
    return ended.first() is not None


async def require_end(session: AsyncSession, session_id: int) -> None:
    """Sign one browser out. Raises NotFound."""
    if not await end(session, session_id):
        raise NotFound("There is no such session. It may have ended already.")


async def end_all(session: AsyncSession, but: int | None = None) -> int:
    """Sign every browser out, but one where that is given; how many they were."""
    ended = await session.scalars(
        delete(AdminSession).where(AdminSession.id != (but or 0)).returning(AdminSession.id)
    )
    return len(list(ended))


async def prune(session: AsyncSession, lifetime: Lifetime, moment: datetime) -> int:
    """Forget those that have come to their end; how many they were."""
    gone = 0
    for over in (
        AdminSession.expires_at <= moment,
        AdminSession.last_seen_at <= moment - lifetime.idle,
    ):
        rows = await session.scalars(delete(AdminSession).where(over).returning(AdminSession.id))
        gone += len(list(rows))
    return gone
