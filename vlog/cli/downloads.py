"""Fetching videos from the web."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vlog.cli.details import Details
from vlog.cli.panels import ADD
from vlog.cli.server import Server, at_server_with_details
from vlog.errors import NoAnswer, VLogError

if TYPE_CHECKING:
    from vlog.client.downloads import Download

app = typer.Typer()

_ARCHIVE = "downloaded.txt"


@app.command(rich_help_panel=ADD)
@at_server_with_details
def download(
    server: Server,
    details: Details,
    urls: Annotated[list[str], typer.Argument(help="Addresses of videos, or of pages with one")],
    playlist: Annotated[
        bool, typer.Option("--playlist", help="All of a playlist, not one video of it")
    ] = False,
    cookies: Annotated[
        Path | None,
        typer.Option(
            help="File with cookies, for what needs signing in", exists=True, dir_okay=False
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what came in before")] = False,
) -> None:
    """Fetch videos from the web with yt-dlp, and import them.

    Title, description, tags, language, chapters and subtitles come along, as far as there are any;
    what is said here counts instead. It must run on the machine that VLog runs on, as a user who
    may write to its storage folder. What was cut off goes on when it is run again.
    """
    from vlog.client.downloader import DownloadWish, require_tool

    require_tool()
    details.require_one(len(urls))
    said = details.as_json(server.client)
    place = _place(server)
    archive = None if again else place / _ARCHIVE
    failed = False
    for url in urls:
        folder = place / hashlib.sha256(url.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        wish = DownloadWish(url, folder, archive, cookies, playlist)
        try:
            _download_one(server, wish, {**said, "again": again})
        except NoAnswer:
            raise
        except VLogError as error:
            failed = True
            typer.echo(f"{url}: {error.detail}", err=True)
    if failed:
        raise typer.Exit(1)


def _place(server: Server) -> Path:
    """VLog's folder for downloads. Raises DownloadFailed where it cannot be used."""
    from vlog.client.downloader import DownloadFailed

    place = Path(server.client.imports()["downloads_folder"])
    if not place.parent.is_dir():
        raise DownloadFailed(
            f"The storage folder of the VLog at {server.client.url} is not here. `vlog download` "
            "must run on the same machine."
        )
    try:
        place.mkdir(exist_ok=True)
        (place / _ARCHIVE).touch()
    except OSError as error:
        raise DownloadFailed(
            f"{place} cannot be written to: {error.strerror}. Run the command as the user that "
            "VLog runs as."
        ) from error
    return place


def _download_one(server: Server, wish: Any, said: dict[str, Any]) -> None:
    from vlog.client.download_progress import download_progress
    from vlog.client.downloader import download
    from vlog.client.downloads import downloads_in

    wish.folder.mkdir(exist_ok=True)
    # What an earlier run fetched and could not import any more.
    count = sum(1 for _ in _imported(server, downloads_in(wish.folder), said))
    with download_progress(wish.url) as on_progress:
        asyncio.run(download(wish, on_progress))
    count += sum(1 for _ in _imported(server, downloads_in(wish.folder), said))
    shutil.rmtree(wish.folder, ignore_errors=True)
    if not count:
        known = {"url": wish.url, "outcome": "known"}
        server.output.show(known, f"known\t{wish.url} came in before. --again fetches it anew.")


def _imported(
    server: Server, found: Iterator[Download], said: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for one in list(found):
        wish = {**one.details, **said, "path": str(one.path), "mode": "move"}
        answer = server.client.import_file(wish)
        if answer["outcome"] == "imported":
            _send_captions(server, answer["video_id"], one)
        # It was moved unless it had come in before.
        with suppress(OSError):
            one.path.unlink(missing_ok=True)
        columns = [answer["outcome"], answer["video_id"] or "-", answer["title"] or "-"]
        server.output.row(answer, columns, (10, -6))
        yield answer


def _send_captions(server: Server, video_id: int, one: Download) -> None:
    for language, path in one.captions:
        try:
            server.client.put_captions(video_id, path.read_bytes(), language, "")
        except VLogError as error:
            typer.echo(f"The captions in {language} were not taken: {error.detail}", err=True)
