"""Backups of everything: made while VLog runs, restored while it does not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vlog.cli.installation import Installation, at_installation
from vlog.cli.panels import SET_UP

if TYPE_CHECKING:
    from vlog.backup.taking import Taken

app = typer.Typer()

DatabaseOnly = Annotated[
    bool, typer.Option("--database-only", help="The database alone, without videos")
]


@app.command(rich_help_panel=SET_UP)
@at_installation
def backup(
    here: Installation,
    destination: Annotated[
        Path, typer.Argument(metavar="DEST", help="Folder for backups", file_okay=False)
    ],
    database_only: DatabaseOnly = False,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy every file, also where a link would do")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="So many backups stay, older ones go (default: all)"),
    ] = None,
) -> None:
    """Back up the database and the videos, also while VLog runs.

    Each backup is a folder of its own below DEST. What an earlier one there has already is not
    copied again. Files that the database knows and that are missing make the exit code 1.
    """
    from vlog.backup.taking import Wish, take
    from vlog.database.location import database_file
    from vlog.storage.local import LocalStorage

    settings = here.configuration.settings
    wish = Wish(
        database=database_file(settings.database.path, settings.database.url),
        storage=LocalStorage(settings.storage.path),
        destination=destination.resolve(),
        database_only=database_only,
        link=not copy,
        keep=keep,
    )
    with _progress("Backing up") as on_progress:
        taken = take(wish, on_progress)
    here.output.show(
        {
            "folder": str(taken.folder),
            "kind": taken.manifest.kind,
            "files": taken.manifest.file_count,
            "bytes": taken.manifest.total_bytes,
            "copied_files": taken.copied_files,
            "copied_bytes": taken.copied_bytes,
            "missing": list(taken.manifest.missing),
            "removed": [str(folder) for folder in taken.removed],
        },
        _told(taken),
    )
    if taken.manifest.missing:
        raise typer.Exit(1)


def _told(taken: Taken) -> str:
    manifest = taken.manifest
    lines = [
        f"{taken.folder}: {manifest.file_count} files, {_megabytes(manifest.total_bytes)}; "
        f"{taken.copied_files} were copied, {_megabytes(taken.copied_bytes)}."
    ]
    lines += [f"Removed: {folder}" for folder in taken.removed]
    if manifest.missing:
        lines.append(
            f"{len(manifest.missing)} files that the database knows are missing or damaged in the "
            "storage, and so in the backup. Encode their videos again, or restore them from an "
            "older backup:"
        )
        lines += [f"  {path}" for path in manifest.missing]
    return "\n".join(lines)


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
    check_only: Annotated[
        bool, typer.Option("--check", help="Only look whether the backup is whole and undamaged")
    ] = False,
) -> None:
    """Put a backup into the place that the configuration names. VLog must not be running.

    The backup is looked through before anything is replaced, and what was there before is kept
    until all of the backup is in its place.
    """
    from vlog.backup import places
    from vlog.backup.checking import check, check_database
    from vlog.backup.restoring import Plan
    from vlog.backup.restoring import restore as put_back
    from vlog.database.location import database_file

    settings = here.configuration.settings
    if check_only:
        folder = places.chosen(source.resolve())
        manifest = check(folder)
        check_database(folder)
        here.output.show(
            {"folder": str(folder), "files": manifest.file_count, "bytes": manifest.total_bytes},
            f"{folder} is whole: {manifest.file_count} files, {_megabytes(manifest.total_bytes)}.",
        )
        return
    plan = Plan(
        source=source.resolve(),
        database=database_file(settings.database.path, settings.database.url),
        settings=settings,
        database_only=database_only,
        force=force,
    )
    with _progress("Restoring") as on_progress:
        restored = put_back(plan, on_progress)
    here.output.show(
        {
            "folder": str(restored.folder),
            "database_copied_at": restored.manifest.database_copied_at.isoformat(),
            "undone_before": restored.undone,
        },
        f"{restored.folder} was restored. Start VLog; work that was under way goes on.",
    )


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Files and bytes so far, on one line of a terminal."""
    if not sys.stderr.isatty():
        yield lambda files, size: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} ...") as status:
        yield lambda files, size: status.update(f"{what}: {files} files, {_megabytes(size)}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
