"""The migrations lead to exactly the tables that the code speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from vlog.database import full_text
from vlog.database.engine import Database
from vlog.database.migration import alembic_config, migrate
from vlog.database.schema import Base
from vlog.errors import StartError

is_index = full_text.is_part_of_index


async def test_the_migrated_database_has_the_tables_of_the_code(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        opts = {"compare_type": True, "include_name": lambda name, *_: not is_index(name)}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
    tables = {name for name in tables if not is_index(name)}
    assert tables == set(Base.metadata.tables) | {"alembic_version"} | (
        tables & {"sqlite_sequence"}
    )


async def test_it_can_be_taken_back(database: Database) -> None:
    def downgrade(connection: Connection) -> list[str]:
        command.downgrade(alembic_config(connection), "base")
        return inspect(connection).get_table_names()

    async with database.engine.execution_options(writes=True).connect() as connection:
        left = await connection.run_sync(downgrade)
    assert set(left) <= {"alembic_version", "sqlite_sequence"}


async def test_a_newer_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'newer.db'}")
    try:
        await migrate(database)
        async with database.engine.execution_options(writes=True).begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = 'from-2031'"))
        with pytest.raises(StartError, match="newer version"):
            await migrate(database)
    finally:
        await database.dispose()
