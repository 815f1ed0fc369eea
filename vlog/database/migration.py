"""Bring a database to the schema of this version, or of an earlier one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from vlog.database.copies import CopyFailed, keep_copy, kept_copies
from vlog.database.creation import create_tables
from vlog.database.engine import Database
from vlog.errors import Invalid, StartError

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Schema:
    """Which schema a database has, and which ones this version knows, the first one first.

    `current` is None where nothing was ever made in it.
    """

    current: str | None
    known: tuple[str, ...]

    @property
    def newest(self) -> str:
        return self.known[-1]

    @property
    def is_newer(self) -> bool:
        """Whether a newer version of VLog made it."""
        return self.current is not None and self.current not in self.known

    @property
    def missing(self) -> tuple[str, ...]:
        """The migrations that are still to be run."""
        if self.current is None or self.is_newer:
            return () if self.is_newer else self.known
        return self.known[self.known.index(self.current) + 1 :]


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, bound to a connection that is already open.

    Alembic is loaded where tables are to be changed, which is seldom: with all that it brings it
    takes a sixth of a second and 12 MiB at each start.
    """
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """The schemas that this version knows, the first one first: the numbers of their files."""
    files = (FOLDER / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


async def schema_of(database: Database) -> Schema:
    """Which schema a database has."""
    async with database.engine.connect() as connection:
        current = await connection.run_sync(_current)
    return Schema(current, known_revisions())


async def migrate(database: Database, *, copy_first: bool = True) -> Path | None:
    """Make the tables of a new database, or run every migration that is missing, or none of them.

    A database that has a schema already is copied before, unless that is switched off; the copy's
    place is returned.

    Raises:
        StartError: the database was made by a newer version of VLog, or cannot be copied.
    """
    schema = await schema_of(database)
    if schema.is_newer:
        raise StartError(_too_new(schema, file_of(database)))
    if not schema.missing:
        return None
    if schema.current is None:
        await _run(database, lambda connection: create_tables(connection, schema.newest))
        return None
    copy = await _copy_before(database, schema) if copy_first else None
    await _run(database, _upgrade)
    return copy


async def downgrade(database: Database, revision: str) -> Path:
    """Go back to an earlier schema, for an earlier version of VLog; where a copy lies.

    Raises:
        Invalid: there is no such earlier schema.
        StartError: the database was made by a newer version of VLog, or cannot be copied.
    """
    schema = await schema_of(database)
    if schema.is_newer:
        raise StartError(_too_new(schema, file_of(database)))
    earlier = schema.known[: schema.known.index(schema.current)] if schema.current else ()
    if revision not in earlier:
        raise Invalid(
            f"{revision} is not an earlier schema of this database. "
            + (f"Earlier are {earlier[0]} to {earlier[-1]}." if earlier else "It has none.")
        )
    copy = await _copy_before(database, schema)
    await _run(database, lambda connection: _downgrade(connection, revision))
    return copy


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _downgrade(connection: Connection, revision: str) -> None:
    from alembic import command

    command.downgrade(alembic_config(connection), revision)


def file_of(database: Database) -> Path:
    """The file of a database."""
    return Path(database.engine.url.database or "")


async def _run(database: Database, step: Callable[[Connection], None]) -> None:
    """All in one transaction: what fails half-way has changed nothing."""
    async with database.engine.execution_options(writes=True).connect() as connection:
        await connection.run_sync(step)
        await connection.commit()


async def _copy_before(database: Database, schema: Schema) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    label = f"{moment}-schema-{schema.current}"
    try:
        return await asyncio.to_thread(keep_copy, file_of(database), label)
    except CopyFailed as error:
        raise StartError(
            f"{error.detail} Before its tables are changed the database is always copied."
        ) from error


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _too_new(schema: Schema, file: Path) -> str:
    copies = kept_copies(file)
    kept = f" The newest copy from before an upgrade is {copies[0]}." if copies else ""
    return (
        f"The database has schema {schema.current} and was made by a newer version of VLog; this "
        f"version knows schemas up to {schema.newest}. Install the newer version again, or restore "
        f"a backup from before the upgrade.{kept}"
    )
