"""How a list can be sorted and narrowed: links that work as they are. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from vlog.catalog.video_query import Length, PublicSort, VideoQuery


class ListWishes(BaseModel):
    """What the address of a page asks for."""

    sort: PublicSort = "newest"
    length: Length | None = None
    captions: bool | None = None


@dataclass(frozen=True)
class Choice:
    """One link among several."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class ChoiceGroup:
    """Links of which one is current."""

    label: str
    choices: list[Choice]


_SORTS: Mapping[PublicSort, str] = {
    "newest": "Newest",
    "oldest": "Oldest",
    "longest": "Longest",
    "shortest": "Shortest",
    "title": "Title",
}
_LENGTHS: Mapping[Length | None, str] = {
    None: "Any",
    "short": "Under 4 minutes",
    "medium": "4 to 20 minutes",
    "long": "20 minutes and more",
}
_CAPTIONS: Mapping[bool | None, str] = {None: "With or without", True: "With captions"}


def wishes_of(parameters: Mapping[str, str]) -> ListWishes:
    """What an address asks for. One that was typed wrongly asks for nothing special."""
    known = {key: value for key in ListWishes.model_fields if (value := parameters.get(key))}
    try:
        return ListWishes.model_validate(known)
    except ValidationError:
        return ListWishes()


def narrowed(query: VideoQuery, wishes: ListWishes) -> VideoQuery:
    """The query of a list with what was wished."""
    captions = wishes.captions or None
    return replace(query, sort=wishes.sort, length=wishes.length, captions=captions)


def choices(path: str, wishes: ListWishes) -> list[ChoiceGroup]:
    """Every way to see a list, as links that change one thing each."""
    return [
        _group("Sort by", path, wishes, "sort", _SORTS),
        _group("Length", path, wishes, "length", _LENGTHS),
        _group("Captions", path, wishes, "captions", _CAPTIONS),
    ]


def _group(
    label: str, path: str, wishes: ListWishes, key: str, labels: Mapping[Any, str]
) -> ChoiceGroup:
    return ChoiceGroup(
        label,
        [
            Choice(
                name,
                address(path, wishes.model_copy(update={key: value})),
                (getattr(wishes, key) or None) == value,
            )
            for value, name in labels.items()
        ],
    )


def address(path: str, wishes: ListWishes, **more: str) -> str:
    """Where a list is seen in this way; what is usual is left out."""
    query: dict[str, str] = {}
    if wishes.sort != "newest":
        query["sort"] = wishes.sort
    if wishes.length:
        query["length"] = wishes.length
    if wishes.captions:
        query["captions"] = "1"
    query |= more
    return f"{path}?{urlencode(query)}" if query else path
