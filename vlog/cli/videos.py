"""The videos of a running VLog."""

from __future__ import annotations

from typing import Any

import typer

from vlog.cli.options import VideoId
from vlog.cli.panels import MANAGE
from vlog.cli.server import Server, at_server

app = typer.Typer()


@app.command("list", rich_help_panel=MANAGE)
@at_server
def list_videos(server: Server) -> None:
    """Show the videos of a running VLog."""
    for video in server.client.videos():
        server.output.row(video, video["id"], state_of(video), video["title"])


@app.command(rich_help_panel=MANAGE)
@at_server
def retry(server: Server, video_id: VideoId) -> None:
    """Try a failed video again."""
    video = server.client.retry(video_id)
    server.output.show(video, f"“{video['title']}” is tried again.")


def state_of(video: dict[str, Any]) -> str:
    """The status, and how far the work is while it goes on."""
    status: str = video["status"]
    if status in ("ready", "failed"):
        return status
    return f"{status} {video['progress_percent']:.0f} %"
