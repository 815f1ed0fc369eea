"""What the Tab key offers beside names of commands: a VLog that is slow or away offers nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from vlog.client.admin_client import AdminClient

# Somebody waits at a prompt.
_SECONDS = 1.5
_MOST_VIDEOS = 50

Offers = list[tuple[str, str]]


def complete_video(ctx: typer.Context, incomplete: str) -> Offers:
    """Numbers of the newest videos, with their titles."""
    found = _ask(ctx, lambda client: client.page({"limit": _MOST_VIDEOS})["videos"])
    return [(str(video["id"]), video["title"]) for video in found]


def complete_category(ctx: typer.Context, incomplete: str) -> Offers:
    """Slugs of categories, with their names."""
    found = _ask(ctx, lambda client: client.categories())
    return [(category["slug"], category["name"]) for category in found]


def complete_tag(ctx: typer.Context, incomplete: str) -> Offers:
    """Tags, and how many videos have each."""
    found = _ask(ctx, lambda client: client.tags())
    return [(tag["name"], f"{tag['video_count']} videos") for tag in found]


_FILES = ("config", "token_file", "password_file")
_PLACE = ("url", *_FILES)


def _ask(
    ctx: typer.Context, question: Callable[[AdminClient], Iterable[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """The answer of the VLog that the options so far name; nothing where there is none."""
    given = {name: ctx.params.get(name) for name in _PLACE}
    # Whatever goes wrong here, a line of errors would stand in the middle of a prompt.
    with suppress(Exception):
        from vlog.cli.connection import connect
        from vlog.cli.installation import load_configuration

        config, token_file, password_file = (_path(given[name]) for name in _FILES)
        configuration = load_configuration(config)
        with connect(
            configuration, given["url"], token_file, password_file, answer_seconds=_SECONDS
        ) as client:
            return list(question(client))
    return []


def _path(given: str | Path | None) -> Path | None:
    return Path(given) if given else None
