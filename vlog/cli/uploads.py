"""Sending files to a running VLog."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vlog.cli.details import Details
from vlog.cli.panels import ADD
from vlog.cli.server import Server, at_server_with_details
from vlog.errors import VLogError

app = typer.Typer()


@app.command(rich_help_panel=ADD)
@at_server_with_details
def upload(
    server: Server,
    details: Details,
    files: Annotated[list[Path], typer.Argument(help="Files to send", exists=True, dir_okay=False)],
    draft: Annotated[bool, typer.Option("--draft", help="Short for --visibility private")] = False,
) -> None:
    """Send files to a running VLog. What was cut off goes on when the command is run again."""
    from vlog.client.upload_progress import progress_bar

    details.require_one(len(files))
    default = {"visibility": "private" if draft else "public"}
    said = default | details.as_json(server.client)
    failed = False
    for file in files:
        try:
            with progress_bar(file) as on_progress:
                video = server.client.upload(file, said, on_progress)
        except VLogError as error:
            failed = True
            typer.echo(f"{file}: {error.detail}", err=True)
            continue
        server.output.row(video, [video["id"], video["title"], video["watch_url"]])
    if failed:
        raise typer.Exit(1)
