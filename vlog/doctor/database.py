"""The database itself."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import DBAPIError

from vlog.database.engine import Database
from vlog.database.location import database_file, engine_url
from vlog.database.migration import Schema, schema_of
from vlog.database.soundness import complaints_about
from vlog.doctor.findings import Finding, broken, well
from vlog.settings import Settings


def schema(settings: Settings) -> Finding:
    """Whether this version of VLog can work with it."""
    file = database_file(settings.database.path, settings.database.url)
    name = "schema"
    if not file.is_file():
        return well(name, "There is no database yet; VLog makes it at its first start.")
    try:
        found = asyncio.run(_schema(engine_url(file)))
    except DBAPIError as error:
        return broken(
            name,
            f"{file} cannot be read as a database: {error.orig}.",
            "Restore the last backup with `vlog restore`.",
        )
    if found.is_newer:
        return broken(
            name,
            f"The database has schema {found.current}; this VLog knows {found.newest} at most.",
            "Install the newer version again, or restore a backup from before the upgrade.",
        )
    if found.missing:
        return well(
            name,
            f"The database has schema {found.current}; the next start brings it to "
            f"{found.newest} and copies it before.",
        )
    return well(name, f"The database has schema {found.current}, as this version needs.")


def integrity(settings: Settings) -> Finding:
    """Whether every page, index and row is as it should be."""
    file = database_file(settings.database.path, settings.database.url)
    if not file.is_file():
        return well("integrity", "There is no database yet.")
    complaints = complaints_about(file)
    if complaints:
        return broken(
            "integrity",
            f"The database is damaged: {complaints[0]}.",
            "Stop VLog, keep the file, and restore the last backup with `vlog restore --force`.",
        )
    return well("integrity", "The database is sound.")


async def _schema(url: str) -> Schema:
    database = Database(url)
    try:
        return await schema_of(database)
    finally:
        await database.dispose()
