"""Importing files that lie on the machine that VLog runs on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vlog.cli.details import Details
from vlog.cli.panels import ADD
from vlog.cli.server import Server, at_server_with_details
from vlog.errors import NoAnswer, VLogError

if TYPE_CHECKING:
    from vlog.client.media_files import MediaFile

app = typer.Typer()

_WIDTHS = (12, -6)


@app.command("import", rich_help_panel=ADD)
@at_server_with_details
def import_files(
    server: Server,
    details: Details,
    places: Annotated[
        list[Path], typer.Argument(help="Files, and folders with files in them", exists=True)
    ],
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Also what is in folders below")
    ] = False,
    category_from_folder: Annotated[
        bool,
        typer.Option("--category-from-folder", help="The folder's name is the category"),
    ] = False,
    copy: Annotated[bool, typer.Option("--copy", help="Never link, always copy")] = False,
    move: Annotated[
        bool, typer.Option("--move", help="Remove each file once its video has it")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Also files that came in before")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done")] = False,
) -> None:
    """Import files of this machine without sending them.

    A file is linked where the file system lets it, so that it takes no room twice, and copied
    otherwise; VLog never writes to it. Run it again at any time: nothing comes in twice. The
    folders must be named in `[ingest] import_folders`.
    """
    from vlog.client.media_files import media_files

    if copy and move:
        raise typer.BadParameter("--copy and --move do not go together.")
    if category_from_folder and details.category:
        raise typer.BadParameter("--category and --category-from-folder do not go together.")
    files = list(media_files(places, recursive=recursive))
    details.require_one(len(files))
    wish: dict[str, Any] = details.as_json(server.client)
    wish |= {"mode": "move" if move else "copy" if copy else "link"}
    wish |= {"again": again, "dry_run": dry_run}
    categories = _Categories(server, dry_run=dry_run) if category_from_folder else None
    counts: Counter[str] = Counter()
    for file in files:
        counts[_import_one(server, file, wish, categories)] += 1
    typer.echo(_summary(counts, dry_run=dry_run), err=True)
    if counts["failed"]:
        raise typer.Exit(1)


def _import_one(
    server: Server, file: MediaFile, wish: dict[str, Any], categories: _Categories | None
) -> str:
    from vlog.client.import_progress import import_progress

    wish = {**wish, "path": str(file.path)}
    try:
        if categories is not None and file.folder:
            wish["category_id"] = categories.id_of(file.folder)
        with import_progress(server.client, file.path):
            found = server.client.import_file(wish)
    except NoAnswer:
        raise
    except VLogError as error:
        typer.echo(f"{file.path}: {error.detail}", err=True)
        failed = {"path": str(file.path), "outcome": "failed", "error": error.detail}
        if server.output.as_json:
            server.output.show(failed, "")
        return "failed"
    outcome: str = found["how"] or found["outcome"]
    columns = [outcome, found["video_id"] or "-", found["title"] or "-", found["path"]]
    server.output.row(found, columns, _WIDTHS)
    return str(found["outcome"])


def _summary(counts: Counter[str], *, dry_run: bool) -> str:
    said = {
        "new" if dry_run else "imported": "would come in" if dry_run else "came in",
        "known": "had come in before",
        "failed": "failed",
    }
    return ", ".join(f"{counts[name]} {words}" for name, words in said.items()) + "."


class _Categories:
    """Categories by name; one that is missing is made, unless nothing is to be done."""

    def __init__(self, server: Server, *, dry_run: bool) -> None:
        self._client = server.client
        self._dry_run = dry_run
        self._known: dict[str, int | None] = {}

    def id_of(self, name: str) -> int | None:
        """The number of the category; None where it would be made."""
        if name not in self._known:
            found = [
                category["id"]
                for category in self._client.categories()
                if name.casefold() in (category["name"].casefold(), category["slug"])
            ]
            if not found and not self._dry_run:
                found = [self._client.add_category(name)["id"]]
            self._known[name] = found[0] if found else None
        return self._known[name]
