"""What a person says of a video on the command line, in the words of the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vlog.cli.completion import complete_category, complete_tag

if TYPE_CHECKING:
    from vlog.client.admin_client import AdminClient

_PANEL = "About the video"


class Visibility(StrEnum):
    """Who can watch."""

    public = "public"
    unlisted = "unlisted"
    private = "private"
    scheduled = "scheduled"


DETAILS: dict[str, Any] = {
    "title": Annotated[str | None, typer.Option(help="Title", rich_help_panel=_PANEL)],
    "description": Annotated[str | None, typer.Option(help="Description", rich_help_panel=_PANEL)],
    "category": Annotated[
        str | None,
        typer.Option(
            help="Name or slug of a category",
            rich_help_panel=_PANEL,
            autocompletion=complete_category,
        ),
    ],
    "tags": Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            help="A tag; say it again for another one",
            rich_help_panel=_PANEL,
            autocompletion=complete_tag,
        ),
    ],
    "visibility": Annotated[
        Visibility | None, typer.Option(help="Who can watch", rich_help_panel=_PANEL)
    ],
    "publish_at": Annotated[
        str | None,
        typer.Option(
            help="Public from then on, such as 2030-01-31T18:00 (here, where it names no zone)",
            rich_help_panel=_PANEL,
        ),
    ],
    "language": Annotated[
        str | None,
        typer.Option(help="What is spoken, such as en, for captions", rich_help_panel=_PANEL),
    ],
    "keep_original": Annotated[
        bool | None,
        typer.Option(
            "--keep-original/--drop-original",
            help="Keep the original file, or remove it once the video is ready",
            show_default=False,
            rich_help_panel=_PANEL,
        ),
    ],
}


@dataclass(frozen=True)
class Details:
    """What was said; None where nothing was."""

    title: str | None
    description: str | None
    category: str | None
    tags: list[str] | None
    visibility: Visibility | None
    publish_at: str | None
    language: str | None
    keep_original: bool | None

    def as_json(self, client: AdminClient) -> dict[str, Any]:
        """What the API takes, without what was not said. Raises VLogError, BadParameter."""
        moment = None if self.publish_at is None else _moment(self.publish_at)
        said = {
            "title": self.title,
            "description": self.description,
            "category_id": None if not self.category else client.category_id(self.category),
            "tags": self.tags or None,
            "visibility": "scheduled" if moment else self.visibility and self.visibility.value,
            "published_at": moment,
            "language": self.language,
            "keep_original": self.keep_original,
        }
        return {key: value for key, value in said.items() if value is not None}

    def require_one(self, count: int) -> None:
        """Raise BadParameter where a title is given to several videos."""
        if self.title is not None and count > 1:
            raise typer.BadParameter(
                "one title for several videos. Name one, or leave it out.", param_hint="--title"
            )


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).astimezone().isoformat()
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"{text!r} is no moment such as 2030-01-31T18:00.", param_hint="--publish-at"
        ) from error
