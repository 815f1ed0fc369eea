"""The settings that were chosen in the panel, by `section.key`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.database.schema import ChosenSetting
from vlog.database.types import now


async def read(session: AsyncSession) -> dict[str, Any]:
    """All of them."""
    rows = await session.execute(select(ChosenSetting.key, ChosenSetting.value))
    return {row.key: row.value for row in rows}


async def replace(session: AsyncSession, chosen: Mapping[str, Any]) -> None:
    """Keep these and no others."""
    rows = {row.key: row for row in await session.scalars(select(ChosenSetting))}
    await session.execute(delete(ChosenSetting).where(ChosenSetting.key.not_in(chosen)))
    for key, value in chosen.items():
        row = rows.get(key)
        if row is None:
            session.add(ChosenSetting(key=key, value=value))
        elif row.value != value:
            row.value, row.changed_at = value, now()
