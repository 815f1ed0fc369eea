"""Waiting until videos are ready."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from vlog.cli.arguments import VideoIds
from vlog.cli.panels import MANAGE
from vlog.cli.server import Server, at_server
from vlog.cli.video_texts import state_of

app = typer.Typer()

_EVERY_SECONDS = 1.0


@app.command(rich_help_panel=MANAGE)
@at_server
def wait(
    server: Server,
    video_ids: VideoIds,
    playable: Annotated[
        bool, typer.Option("--playable", help="Only until watching can begin")
    ] = False,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds after which it is given up", min=0)
    ] = None,
) -> None:
    """Wait until videos are ready, or one of them has failed."""
    deadline = None if timeout is None else time.monotonic() + timeout
    failed = False
    for video_id in video_ids:
        while not _is_done(video := server.client.video(video_id), playable):
            if deadline is not None and time.monotonic() >= deadline:
                typer.echo(f"{video_id} is not there yet: {state_of(video)}.", err=True)
                raise typer.Exit(1)
            time.sleep(_EVERY_SECONDS)
        if video["status"] == "failed":
            failed = True
            typer.echo(f"{video_id}: {video['error_message']}", err=True)
        server.output.row(video, [video_id, state_of(video), video["title"]], (-6, 15))
    if failed:
        raise typer.Exit(1)


def _is_done(video: dict[str, Any], playable: bool) -> bool:
    return video["status"] in ("ready", "failed") or (playable and video["playable"])
