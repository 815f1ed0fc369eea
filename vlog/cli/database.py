"""The database: its schema, and whether it is sound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from vlog.cli.installation import Installation, at_installation
from vlog.cli.panels import SET_UP
from vlog.errors import StartError

if TYPE_CHECKING:
    from vlog.database.engine import Database

T = TypeVar("T")

app = typer.Typer()
db_app = typer.Typer(help="Look after the database.", no_args_is_help=True)
app.add_typer(db_app, name="db", rich_help_panel=SET_UP)


@db_app.command("check")
@at_installation
def check(
    here: Installation,
    rebuild: Annotated[
        bool, typer.Option("--rebuild-search", help="Make the search index anew from the rows")
    ] = False,
) -> None:
    """Say whether the database is sound, and whether its schema is the one of this version."""
    from sqlalchemy.exc import DBAPIError

    from vlog.database.migration import schema_of
    from vlog.database.soundness import complaints_about

    file = _existing(here)
    complaints = complaints_about(file)
    try:
        schema = _with_database(file, schema_of)
    except DBAPIError:
        # What is no database at all has no schema either.
        here.output.show({"file": str(file), "complaints": complaints}, "\n".join(complaints))
        raise typer.Exit(1) from None
    about_search, note = _look_at_search(file, rebuild=rebuild)
    complaints += about_search
    if schema.is_newer:
        complaints.append(f"its schema {schema.current} is newer than this VLog's {schema.newest}")
    here.output.show(
        {
            "file": str(file),
            "schema": schema.current,
            "newest_schema": schema.newest,
            "missing_migrations": list(schema.missing),
            "complaints": complaints,
        },
        "\n".join([_summary(schema.current, list(schema.missing), complaints) + note, *complaints]),
    )
    if complaints:
        raise typer.Exit(1)


def _look_at_search(file: Path, *, rebuild: bool) -> tuple[list[str], str]:
    """What is wrong with the search index, and what a person should know of the look."""
    from vlog.database.soundness import index_complaints, rebuild_indexes
    from vlog.process.instance_lock import AlreadyRunning, InstanceLock

    try:
        with InstanceLock(file):
            if rebuild:
                rebuild_indexes(file)
            found = index_complaints(file)
    except AlreadyRunning as error:
        if rebuild:
            raise StartError(
                f"VLog runs on this database (process {error.holder}). Stop it, then rebuild the "
                "search index."
            ) from error
        return [], " The search index was not compared with the rows, because VLog is running."
    return [f"{one}; run `vlog db check --rebuild-search`" for one in found], ""


def _summary(current: str | None, missing: list[str], complaints: list[str]) -> str:
    state = "The database is damaged" if complaints else "The database is sound"
    if missing:
        return (
            f"{state}. Its schema is {current}; {', '.join(missing)} are still to come with the "
            "next start, or with `vlog db upgrade`."
        )
    return f"{state}. Its schema is {current}."


@db_app.command("upgrade")
@at_installation
def upgrade(here: Installation) -> None:
    """Bring the database to the schema of this version. It is copied before."""
    from vlog.database.migration import migrate, schema_of

    file = _existing(here)
    with _alone(file):
        copy = _with_database(file, migrate)
        schema = _with_database(file, schema_of)
    told = f"The database has schema {schema.current}."
    if copy is not None:
        told += f" As it was before it lies in {copy}."
    here.output.show({"schema": schema.current, "copy": None if copy is None else str(copy)}, told)


@db_app.command("downgrade")
@at_installation
def downgrade(
    here: Installation,
    revision: Annotated[str, typer.Argument(help="The earlier schema, such as 0012")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Take the database back to an earlier schema, for an earlier version. It is copied before.

    What only later schemas can hold is lost, except in the copy.
    """
    from vlog.database import migration

    file = _existing(here)
    with _alone(file):
        if not yes:
            typer.confirm(
                f"Everything that schemas after {revision} hold is removed. Go on?",
                abort=True,
                err=True,
            )
        copy = _with_database(file, lambda database: migration.downgrade(database, revision))
    here.output.show(
        {"schema": revision, "copy": str(copy)},
        f"The database has schema {revision}. As it was before it lies in {copy}. "
        "Start the version of VLog that belongs to it; this one would upgrade it again.",
    )


def _existing(here: Installation) -> Path:
    from vlog.database.location import database_file

    wanted = here.configuration.settings.database
    file = database_file(wanted.path, wanted.url)
    if not file.is_file():
        raise StartError(f"There is no database at {file} yet. `vlog serve` makes it.")
    return file


def _alone(file: Path) -> Any:
    from vlog.process.instance_lock import InstanceLock

    return InstanceLock(file)


def _with_database(file: Path, work: Callable[[Database], Awaitable[T]]) -> T:
    from vlog.database.engine import Database
    from vlog.database.location import engine_url

    async def run() -> T:
        database = Database(engine_url(file))
        try:
            return await work(database)
        finally:
            await database.dispose()

    return asyncio.run(run())
