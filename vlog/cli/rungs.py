"""Encoding ready videos anew, whole or a rung at a time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vlog.cli.arguments import VideoId
from vlog.cli.options import Preset
from vlog.cli.panels import MANAGE
from vlog.cli.server import Server, at_server

app = typer.Typer()
rung_app = typer.Typer(help="Make and drop single rungs.", no_args_is_help=True)
app.add_typer(rung_app, name="rung", rich_help_panel=MANAGE)

RungName = Annotated[str, typer.Argument(help="Such as 480p")]


@app.command(rich_help_panel=MANAGE)
@at_server
def retranscode(
    server: Server,
    video_id: VideoId,
    ladder: Annotated[
        str | None, typer.Option(help="Rungs, such as 1080p,480p (default: as configured)")
    ] = None,
    preset: Preset = None,
    discard: Annotated[bool, typer.Option("--discard", help="Give it up instead")] = False,
) -> None:
    """Encode a ready video anew; viewers have what they had until it is verified."""
    if discard:
        video = server.client.discard_revision(video_id)
        server.output.show(video, f"“{video['title']}” stays as it is.")
        return
    wishes = _wishes(preset)
    if ladder is not None:
        wishes["ladder"] = [name.strip() for name in ladder.split(",") if name.strip()]
    video = server.client.encode_anew(video_id, wishes)
    revision = video["beside"]["revision"]
    server.output.show(video, f"“{video['title']}” is encoded anew as revision {revision}.")


@rung_app.command("build")
@at_server
def build(server: Server, video_id: VideoId, name: RungName, preset: Preset = None) -> None:
    """Make one rung of a ready video, or make it anew."""
    video = server.client.build_rung(video_id, name, _wishes(preset))
    server.output.show(video, f"{name} of “{video['title']}” is being made.")


@rung_app.command("drop")
@at_server
def drop(server: Server, video_id: VideoId, name: RungName) -> None:
    """Stop serving one rung. Its files stay for a day, for those who are watching it."""
    video = server.client.drop_rung(video_id, name)
    server.output.show(video, f"{name} of “{video['title']}” is served no more.")


def _wishes(preset: str | None) -> dict[str, Any]:
    return {} if preset is None else {"preset": preset}
