"""Backups of everything, made while VLog runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vlog.cli.copying_progress import copying_progress, megabytes
from vlog.cli.installation import Installation, at_installation
from vlog.cli.options import DatabaseOnly
from vlog.cli.panels import SET_UP

if TYPE_CHECKING:
    from vlog.backup.taking import Taken

app = typer.Typer()


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
    from vlog.backup.rounds import Wish
    from vlog.backup.taking import take
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
    with copying_progress("Backing up") as on_progress:
        taken = take(wish, on_progress)
    here.output.show(_data(taken), _told(taken))
    if taken.manifest.missing:
        raise typer.Exit(1)


def _data(taken: Taken) -> dict[str, Any]:
    return {
        "folder": str(taken.folder),
        "kind": taken.manifest.kind,
        "files": taken.manifest.file_count,
        "bytes": taken.manifest.total_bytes,
        "copied_files": taken.copied_files,
        "copied_bytes": taken.copied_bytes,
        "missing": list(taken.manifest.missing),
        "removed": [str(folder) for folder in taken.removed],
    }


def _told(taken: Taken) -> str:
    manifest = taken.manifest
    lines = [
        f"{taken.folder}: {manifest.file_count} files, {megabytes(manifest.total_bytes)}; "
        f"{taken.copied_files} were copied, {megabytes(taken.copied_bytes)}."
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
