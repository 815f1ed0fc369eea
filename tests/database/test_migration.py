"""The migrations lead to exactly the tables that the code speaks of."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from vlog.database import full_text
from vlog.database.engine import Database
from vlog.database.migration import alembic_config, known_revisions, migrate
from vlog.database.schema import Base
from vlog.errors import StartError

is_index = full_text.is_part_of_index


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Database]:
    """A database that has gone through every migration."""
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'migrated.db'}")
    try:
        async with made.engine.execution_options(writes=True).connect() as connection:
            await connection.run_sync(lambda c: command.upgrade(alembic_config(c), "head"))
            await connection.commit()
        yield made
    finally:
        await made.dispose()


async def test_the_migrated_database_has_the_tables_of_the_code(migrated: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        opts = {"compare_type": True, "include_name": lambda name, *_: not is_index(name)}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))

    async with migrated.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_new_database_is_what_all_migrations_come_to(
    database: Database, migrated: Database
) -> None:
    async with database.engine.connect() as new, migrated.engine.connect() as old:
        assert await new.run_sync(_described) == await old.run_sync(_described)


def _described(connection: Connection) -> dict[str, Any]:
    """Everything in a database; the order of columns and constraints says nothing."""
    found: dict[str, Any] = {}
    inspector = inspect(connection)
    for name in inspector.get_table_names():
        if is_index(name):
            continue
        found[name] = {
            "columns": sorted(map(str, connection.execute(_COLUMNS, {"name": name}))),
            "keys": inspector.get_pk_constraint(name),
            "foreign": sorted(map(str, inspector.get_foreign_keys(name))),
            "unique": sorted(map(str, inspector.get_unique_constraints(name))),
            "checks": sorted(map(str, inspector.get_check_constraints(name))),
            "numbers": "AUTOINCREMENT" in str(connection.scalar(_WRITTEN, {"name": name})),
        }
    others = connection.execute(_OTHERS).all()
    found |= {name: written for name, written, kind in others if kind != "table" or is_index(name)}
    found["schema"] = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


_COLUMNS = text(
    'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(:name)'
)
_WRITTEN = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
_OTHERS = text("SELECT name, sql, type FROM sqlite_master")


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


async def test_what_was_published_stays_public_and_drafts_become_private(
    database: Database,
) -> None:
    def round_trip(connection: Connection) -> list[tuple[str, str, bool]]:
        config = alembic_config(connection)
        script = ScriptDirectory.from_config(config).get_revision("0007")
        command.downgrade(config, str(script.down_revision))
        for slug, published in (("shown", True), ("draft", False)):
            connection.execute(
                text("INSERT INTO slugs (slug, created_at) VALUES (:slug, '2026-01-01')"),
                {"slug": slug},
            )
            connection.execute(
                text(
                    "INSERT INTO videos (title, slug, description, status, created_at, published,"
                    " published_at, revision, has_thumbnail, origin, source_filename,"
                    " source_present) VALUES ('T', :slug, '', 'ready', '2026-01-01', :published,"
                    " '2026-01-01', 1, 0, 'upload', '', 0)"
                ),
                {"slug": slug, "published": published},
            )
        command.upgrade(config, "head")
        rows = connection.execute(text("SELECT slug, visibility, featured FROM videos ORDER BY id"))
        return [(row.slug, row.visibility, bool(row.featured)) for row in rows]

    async with database.engine.execution_options(writes=True).connect() as connection:
        found = await connection.run_sync(round_trip)
    assert found == [("shown", "public", False), ("draft", "private", False)]


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


def test_the_names_of_the_files_say_the_schemas_in_their_order() -> None:
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    assert known_revisions() == tuple(script.revision for script in scripts)[::-1]


def test_a_start_loads_nothing_that_it_seldom_needs() -> None:
    look = "import sys, vlog.supervisor, vlog.cli.application; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"alembic", "mako", "pygments", "rich", "faster_whisper", "numpy"}
    assert "sqlalchemy.dialects.postgresql" not in done.stdout.split()
