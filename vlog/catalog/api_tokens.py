"""Tokens with which programs use the panel's API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog.opaque_tokens import digest_of, new_token
from vlog.catalog.scopes import SCOPES
from vlog.database.schema import ApiToken
from vlog.database.types import now
from vlog.errors import Conflict, Invalid, NotFound

# Scanners for leaked secrets find it by this.
PREFIX = "vlog_"
MOST = 200
LONGEST_NAME = 100
_ENDING = 4


@dataclass(frozen=True)
class NewToken:
    """A token that has just been made. `text` is never to be had again."""

    row: ApiToken
    text: str


async def make(
    session: AsyncSession, name: str, scopes: Iterable[str], expires_at: datetime | None
) -> NewToken:
    """Make a token. Without `expires_at` it works until it is revoked.

    Raises:
        Invalid: it has no name or no scope, or its end lies in the past.
        Conflict: there are too many.
    """
    called, wanted = " ".join(name.split())[:LONGEST_NAME], set(scopes)
    if not called:
        raise Invalid("Give the token a name, such as that of the program that will use it.")
    if not wanted or not wanted <= set(SCOPES):
        raise Invalid(f"`scopes` must name at least one of {', '.join(SCOPES)}.")
    until = expires_at.astimezone(UTC).replace(microsecond=0) if expires_at else None
    if until is not None and until <= now():
        raise Invalid("`expires_at` must be a time in the future.")
    if (await session.scalar(select(func.count()).select_from(ApiToken)) or 0) >= MOST:
        raise Conflict(f"There are {MOST} tokens. Revoke one that is not needed any more.")
    text = new_token(PREFIX)
    row = ApiToken(
        name=called,
        token_hash=digest_of(text),
        ending=text[-_ENDING:],
        scopes=[scope for scope in SCOPES if scope in wanted],
        expires_at=until,
    )
    session.add(row)
    await session.flush()
    return NewToken(row, text)


async def find(session: AsyncSession, text: str) -> ApiToken | None:
    """The token of this text, if it works."""
    found = await session.scalar(select(ApiToken).where(ApiToken.token_hash == digest_of(text)))
    return found if found is not None and not is_over(found) else None


def is_over(token: ApiToken) -> bool:
    """Whether its time is over."""
    return token.expires_at is not None and token.expires_at <= now()


async def touch(session: AsyncSession, token_id: int, address: str) -> None:
    """Note that it was used just now."""
    await session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id)
        .values(last_used_at=now(), last_address=address)
    )


async def all_of(session: AsyncSession) -> list[ApiToken]:
    """Every token that was not revoked, the newest first; also those whose time is over."""
    return list(await session.scalars(select(ApiToken).order_by(ApiToken.id.desc()).limit(MOST)))


async def still_there(session: AsyncSession, ids: set[int], moment: datetime) -> set[int]:
    """Those of some tokens that were not revoked and have not come to their end."""
    works = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > moment)
    rows = await session.scalars(select(ApiToken.id).where(ApiToken.id.in_(ids), works))
    return set(rows)


async def revoke(session: AsyncSession, token_id: int) -> None:
    """From here on nothing can be done with it. Raises NotFound."""
    found = await session.get(ApiToken, token_id)
    if found is None:
        raise NotFound("There is no such token. It may have been revoked already.")
    await session.delete(found)
