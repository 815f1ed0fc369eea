"""Putting a backup back while VLog does not run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vlog.cli.copying_progress import copying_progress, megabytes
from vlog.cli.installation import Installation, at_installation
from vlog.cli.options import DatabaseOnly
from vlog.cli.panels import SET_UP

app = typer.Typer()


@app.command(rich_help_panel=SET_UP)
@at_installation
def restore(
    here: Installation,
    source: Annotated[
        Path,
        typer.Argument(help="A backup, or the folder with backups for the newest", exists=True),
    ],
    database_only: DatabaseOnly = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only look whether the backup is whole and undamaged")
    ] = False,
) -> None:
    """Put a backup into the place that the configuration names. VLog must not be running.

    The backup is looked through before anything is replaced, and what was there before is kept
    until all of the backup is in its place.
    """
    if check:
        _check(here, source.resolve())
    else:
        _restore(here, source.resolve(), database_only=database_only, force=force)


def _check(here: Installation, source: Path) -> None:
    from vlog.backup import checking, places

    folder = places.chosen(source)
    manifest = checking.check(folder)
    checking.check_database(folder)
    here.output.show(
        {"folder": str(folder), "files": manifest.file_count, "bytes": manifest.total_bytes},
        f"{folder} is whole: {manifest.file_count} files, {megabytes(manifest.total_bytes)}.",
    )


def _restore(here: Installation, source: Path, *, database_only: bool, force: bool) -> None:
    from vlog.backup.restoring import Plan
    from vlog.backup.restoring import restore as put_back
    from vlog.database.location import database_file

    settings = here.configuration.settings
    plan = Plan(
        source=source,
        database=database_file(settings.database.path, settings.database.url),
        settings=settings,
        database_only=database_only,
        force=force,
    )
    with copying_progress("Restoring") as on_progress:
        restored = put_back(plan, on_progress)
    here.output.show(
        {
            "folder": str(restored.folder),
            "database_copied_at": restored.manifest.database_copied_at.isoformat(),
            "undone_before": restored.undone,
        },
        f"{restored.folder} was restored. Start VLog; work that was under way goes on.",
    )
