"""The videos of a running VLog: listing, showing, changing and deleting them."""

from __future__ import annotations

from enum import StrEnum
from itertools import islice
from typing import Annotated, Any

import typer

from vlog.cli.arguments import VideoId, VideoIds
from vlog.cli.completion import complete_category, complete_tag
from vlog.cli.connection import address_of
from vlog.cli.details import Details
from vlog.cli.panels import MANAGE
from vlog.cli.server import Server, at_server, at_server_with_details
from vlog.cli.video_texts import details_of, length_of, state_of
from vlog.errors import VLogError

app = typer.Typer()

# Number, state, length, who can watch; the title has the rest of the line.
_WIDTHS = (-6, 15, -8, 9)


class Sort(StrEnum):
    """Orders of a list."""

    newest = "newest"
    oldest = "oldest"
    longest = "longest"
    shortest = "shortest"
    by_title = "title"
    most_viewed = "most_viewed"
    least_viewed = "least_viewed"


class Status(StrEnum):
    """States of a video."""

    pending = "pending"
    processing = "processing"
    ready = "ready"
    failed = "failed"


@app.command("list", rich_help_panel=MANAGE)
@at_server
def list_videos(
    server: Server,
    search: Annotated[str | None, typer.Option(help="Words that all must occur")] = None,
    status: Annotated[Status | None, typer.Option(help="Only those in this state")] = None,
    category: Annotated[
        str | None, typer.Option(help="Name or slug", autocompletion=complete_category)
    ] = None,
    tag: Annotated[
        str | None, typer.Option(help="Only those with this tag", autocompletion=complete_tag)
    ] = None,
    captions: Annotated[
        bool | None,
        typer.Option("--captions/--no-captions", help="With captions, or without them"),
    ] = None,
    sort: Annotated[Sort, typer.Option(help="Order")] = Sort.newest,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="So many (default: all)")
    ] = None,
) -> None:
    """Show the videos of a running VLog, all of them unless filters or --limit say otherwise."""
    wishes: dict[str, str | int] = {"sort": sort.value, "limit": min(limit or 100, 100)}
    if search:
        wishes["search"] = search
    if status:
        wishes["status"] = status.value
    if category:
        wishes["category"] = server.client.category(category)["slug"]
    if tag:
        wishes["tag"] = server.client.tag(tag)["slug"]
    if captions is not None:
        wishes["captions"] = str(captions).lower()
    for video in islice(server.client.videos(wishes), limit):
        columns = [video["id"], state_of(video), length_of(video), video["visibility"]]
        server.output.row(video, [*columns, video["title"]], _WIDTHS)


@app.command(rich_help_panel=MANAGE)
@at_server
def show(server: Server, video_id: VideoId) -> None:
    """Show everything about one video."""
    video = server.client.video(video_id)
    server.output.show(video, details_of(video, _address(server, video)))


@app.command("open", rich_help_panel=MANAGE)
@at_server
def open_video(
    server: Server,
    video_id: VideoId,
    panel: Annotated[bool, typer.Option("--panel", help="Its page in the admin panel")] = False,
) -> None:
    """Open a video in the browser."""
    video = server.client.video(video_id)
    address = f"{server.client.url}/videos/{video_id}" if panel else _address(server, video)
    typer.launch(address)
    server.output.show({"id": video_id, "url": address}, address)


@app.command(rich_help_panel=MANAGE)
@at_server_with_details
def edit(
    server: Server,
    details: Details,
    video_id: VideoId,
    add_tag: Annotated[list[str] | None, typer.Option(help="One tag more")] = None,
    remove_tag: Annotated[
        list[str] | None, typer.Option(help="One tag less", autocompletion=complete_tag)
    ] = None,
    no_category: Annotated[bool, typer.Option("--no-category", help="In no category")] = False,
    featured: Annotated[
        bool | None,
        typer.Option("--featured/--not-featured", help="First on the home page, or not any more"),
    ] = None,
) -> None:
    """Change what people read of a video, or who can watch it. What is not given stays."""
    changes = details.as_json(server.client)
    if no_category:
        changes["category_id"] = None
    if featured is not None:
        changes["featured"] = featured
    if add_tag or remove_tag:
        has = changes.get("tags") or _tags_of(server.client.video(video_id))
        changes["tags"] = _changed_tags(has, add_tag or [], remove_tag or [])
    if not changes:
        raise typer.BadParameter("nothing is to be changed. See `vlog edit --help`.")
    video = server.client.change(video_id, changes)
    server.output.show(video, f"“{video['title']}” was changed.")


@app.command(rich_help_panel=MANAGE)
@at_server
def delete(
    server: Server,
    video_ids: VideoIds,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask")] = False,
) -> None:
    """Move videos to the trash, or delete them where the server keeps no trash."""
    failed = False
    for video_id in video_ids:
        try:
            video = server.client.video(video_id)
            if not yes:
                typer.confirm(f"Delete “{video['title']}” ({video_id})?", abort=True, err=True)
            server.client.delete(video_id)
            is_in_trash = server.client.is_in_trash(video_id)
        except VLogError as error:
            failed = True
            typer.echo(f"{video_id}: {error.detail}", err=True)
            continue
        server.output.show(
            {
                "id": video_id,
                "title": video["title"],
                "deleted": True,
                "in_trash": is_in_trash,
            },
            f"“{video['title']}” was moved to the trash."
            if is_in_trash
            else f"“{video['title']}” was deleted with all its files.",
        )
    if failed:
        raise typer.Exit(1)


@app.command(rich_help_panel=MANAGE)
@at_server
def retry(server: Server, video_id: VideoId) -> None:
    """Try a failed video again."""
    video = server.client.retry(video_id)
    server.output.show(video, f"“{video['title']}” is tried again.")


def _address(server: Server, video: dict[str, Any]) -> str:
    """Where people watch it, as far as the command line can know that."""
    from urllib.parse import urlsplit

    public = server.configuration.settings.public
    base = public.base_url.rstrip("/")
    if not base:
        host = urlsplit(server.client.url).hostname or "localhost"
        base = address_of("https" if public.tls_certificate else "http", host, public.port)
    return f"{base}{video['watch_url']}"


def _tags_of(video: dict[str, Any]) -> list[str]:
    return [tag["name"] for tag in video["tags"]]


def _changed_tags(has: list[str], more: list[str], less: list[str]) -> list[str]:
    gone = {name.casefold() for name in less}
    return [name for name in [*has, *more] if name.casefold() not in gone]
