"""The password of the panel, as it is stored. What is in a password file is not known here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import Password
from vlog.database.types import now
from vlog.errors import Conflict, Invalid

SHORTEST = 12
LONGEST = 1000
_NAME = "admin"
# The password in a file is kept as well, so that it is seen when it is another one.
_IN_FILE = "file"


def check(password: str) -> None:
    """Refuse what is no good as a new password. Raises Invalid."""
    if len(password) < SHORTEST:
        raise Invalid(f"The password must have at least {SHORTEST} characters. Four words will do.")
    if len(password) > LONGEST:
        raise Invalid(f"The password may have at most {LONGEST} characters.")


async def stored(session: AsyncSession) -> Password | None:
    """The password; None where none was set."""
    return await session.get(Password, _NAME)


async def store(session: AsyncSession, new_hash: str) -> datetime:
    """Set the password, whatever it was; when that was."""
    moment = now()
    await session.merge(Password(name=_NAME, hash=new_hash, changed_at=moment))
    return moment


async def store_first(session: AsyncSession, new_hash: str) -> datetime:
    """Set the first password; when that was. Raises Conflict where somebody was quicker."""
    if await stored(session) is not None:
        raise Conflict("A password is set already. Sign in with it.")
    return await store(session, new_hash)


async def hash_of_file(session: AsyncSession) -> str | None:
    """The hash of the password that was in the file at the last start, where there was a file."""
    found = await session.get(Password, _IN_FILE)
    return found.hash if found else None


async def store_of_file(session: AsyncSession, new_hash: str | None) -> None:
    """Keep the hash of the password that is in the file now, or that there is no file."""
    if new_hash is None:
        await session.execute(delete(Password).where(Password.name == _IN_FILE))
    else:
        await session.merge(Password(name=_IN_FILE, hash=new_hash, changed_at=now()))


async def rehash(session: AsyncSession, old_hash: str, new_hash: str) -> None:
    """Store the same password in a better way, unless it was changed meanwhile."""
    await session.execute(
        update(Password)
        .where(Password.name == _NAME, Password.hash == old_hash)
        .values(hash=new_hash)
    )
