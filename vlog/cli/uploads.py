"""Sending files to a running VLog."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vlog.cli.panels import ADD
from vlog.cli.server import Server, at_server
from vlog.errors import VLogError

app = typer.Typer()


@app.command(rich_help_panel=ADD)
@at_server
def upload(
    server: Server,
    files: Annotated[list[Path], typer.Argument(help="Files to send", exists=True, dir_okay=False)],
    title: Annotated[str | None, typer.Option(help="Title (default: the name of the file)")] = None,
    description: Annotated[str, typer.Option(help="Description")] = "",
    category: Annotated[str | None, typer.Option(help="Name or slug of a category")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Do not publish")] = False,
) -> None:
    """Send files to a running VLog. What was cut off goes on when the command is run again."""
    from vlog.client.upload_progress import progress_bar

    if title is not None and len(files) > 1:
        raise typer.BadParameter(
            "it names one video. Send the files one by one, or leave it out.", param_hint="--title"
        )
    details: dict[str, Any] = {"visibility": "private" if draft else "public"}
    if description:
        details["description"] = description
    if title is not None:
        details["title"] = title
    if category is not None:
        details["category_id"] = server.client.category_id(category)
    failed = False
    for file in files:
        try:
            with progress_bar(file) as on_progress:
                video = server.client.upload(file, details, on_progress)
        except VLogError as error:
            failed = True
            typer.echo(f"{file}: {error.detail}", err=True)
            continue
        server.output.row(video, video["id"], video["title"], video["watch_url"])
    if failed:
        raise typer.Exit(1)
