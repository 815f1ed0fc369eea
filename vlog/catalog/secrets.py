"""Random keys that this installation signs with. They never leave the database."""

from __future__ import annotations

import secrets

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import Secret

_BYTES = 32


async def obtain(session: AsyncSession, name: str) -> bytes:
    """The secret of this name, made when it is wanted first. Needs a write transaction."""
    secret = await session.get(Secret, name)
    if secret is None:
        secret = Secret(name=name, value=secrets.token_bytes(_BYTES))
        session.add(secret)
        await session.flush()
    return secret.value
