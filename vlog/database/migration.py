"""Bring a database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from vlog.database.engine import Database
from vlog.errors import StartError

FOLDER = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, bound to a connection that is already open."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> None:
    """Run every migration that is missing.

    Raises:
        StartError: the database was made by a newer version of VLog.
    """
    async with database.engine.execution_options(writes=True).connect() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = alembic_config(connection)
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StartError(
            "The database was made by a newer version of VLog and this version does not know it. "
            "Install the newer version again, or restore a backup from before the upgrade."
        )
    command.upgrade(config, "head")
    connection.commit()
