"""The pictures of the site itself."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import SitePicture

LOGO = "logo"


async def find(session: AsyncSession, name: str) -> SitePicture | None:
    """One picture."""
    return await session.get(SitePicture, name)


async def keep(session: AsyncSession, picture: SitePicture) -> None:
    """Put it in the place of the one with its name."""
    await session.merge(picture)


async def remove(session: AsyncSession, name: str) -> None:
    """Remove one, if there is one."""
    await session.execute(delete(SitePicture).where(SitePicture.name == name))
