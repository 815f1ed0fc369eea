"""Captions of the videos of a running VLog."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vlog.cli.arguments import VideoId
from vlog.cli.panels import MANAGE
from vlog.cli.server import Server, at_server

app = typer.Typer()
captions_app = typer.Typer(help="Read, send and remove captions.", no_args_is_help=True)
app.add_typer(captions_app, name="captions", rich_help_panel=MANAGE)


class CaptionFormat(StrEnum):
    """What captions can be fetched as."""

    vtt = "vtt"
    srt = "srt"
    txt = "txt"


@captions_app.command("list")
@at_server
def list_captions(server: Server, video_id: VideoId) -> None:
    """Show the captions of a video."""
    for captions in server.client.captions(video_id):
        words = f"{captions['word_count']} words"
        columns = [captions["language"], captions["label"], captions["origin"], words]
        server.output.row(captions, columns, (10, 24, 10))


@captions_app.command("get")
@at_server
def get_captions(
    server: Server,
    video_id: VideoId,
    language: Annotated[
        str | None, typer.Option(help="Such as en (default: those for whoever does not choose)")
    ] = None,
    kind: Annotated[CaptionFormat, typer.Option("--format", help="Format")] = CaptionFormat.vtt,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write")] = None,
) -> None:
    """Fetch captions as a file, or with --json as the API has them."""
    if server.output.as_json:
        server.output.show(server.client.transcript(video_id, language), "")
        return
    content = server.client.caption_file(video_id, language, kind)
    if output is None:
        typer.echo(content.decode("utf-8"), nl=False)
    else:
        output.write_bytes(content)


@captions_app.command("put")
@at_server
def put_captions(
    server: Server,
    video_id: VideoId,
    file: Annotated[Path, typer.Argument(help="WebVTT or SubRip", exists=True, dir_okay=False)],
    language: Annotated[str, typer.Option(help="Such as en, de or pt-BR")],
    name: Annotated[str, typer.Option(help="What people choose them by")] = "",
) -> None:
    """Send a file with captions, in the place of those of its language."""
    made = server.client.put_captions(video_id, file.read_bytes(), language, name)
    counts = f"{len(made['cues'])} cues, {made['word_count']} words"
    server.output.show(made, f"{made['label']}: {counts}.")


@captions_app.command("remove")
@at_server
def remove_captions(
    server: Server,
    video_id: VideoId,
    language: Annotated[str, typer.Option(help="Such as en")],
) -> None:
    """Remove the captions of one language."""
    server.client.remove_captions(video_id, language)
    server.output.show(
        {"id": video_id, "language": language, "removed": True},
        f"The captions in {language} were removed.",
    )


@app.command(rich_help_panel=MANAGE)
@at_server
def transcribe(
    server: Server,
    video_id: VideoId,
    language: Annotated[
        str | None, typer.Option(help="What is spoken, such as en (default: found out)")
    ] = None,
    cancel: Annotated[bool, typer.Option("--cancel", help="Give it up instead")] = False,
) -> None:
    """Have what is spoken in a video written down, anew if it was before."""
    if cancel:
        found = server.client.cancel_transcription(video_id)
        sentence = "The transcription is cancelled; what it had written is removed."
    else:
        found = server.client.transcribe(video_id, language)
        sentence = f"The video is going to be transcribed. {found['reason'] or ''}".strip()
    server.output.show(found, sentence)
