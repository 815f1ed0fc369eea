"""What yt-dlp left in a folder: videos, and what it found out about each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vlog.captions.speech_languages import spoken_language
from vlog.errors import Invalid
from vlog.ingest.names import EXTENSIONS
from vlog.languages import UNKNOWN, language_tag

_INFO = ".info.json"
_LONGEST_TITLE = 255
_LONGEST_DESCRIPTION = 20_000
_MOST_TAGS = 30
_LONGEST_TAG = 50


@dataclass(frozen=True)
class Download:
    """A video that is whole. `details` are in the words of the API."""

    path: Path
    details: dict[str, Any]
    captions: tuple[tuple[str, Path], ...]


def downloads_in(folder: Path) -> Iterator[Download]:
    """The videos in a folder, by name. Blocks.

    A file that yt-dlp has not finished, or not put together yet, has no name of a video's own.
    """
    if not folder.is_dir():
        return
    for info_file in sorted(folder.glob(f"*{_INFO}")):
        stem = info_file.name.removesuffix(_INFO)
        info = _read(info_file)
        beside = [path for path in sorted(folder.iterdir()) if path.name.startswith(f"{stem}.")]
        for path in beside:
            if path.suffix.lower() in EXTENSIONS and path.stem == stem:
                yield Download(path, details_of(info), tuple(_captions(stem, beside)))


def details_of(info: dict[str, Any]) -> dict[str, Any]:
    """What people will read, cut to what VLog takes. Pure."""
    found: dict[str, Any] = {}
    title, description = info.get("title"), info.get("description")
    if isinstance(title, str) and title.strip():
        found["title"] = " ".join(title.split())[:_LONGEST_TITLE]
    if isinstance(description, str):
        found["description"] = description.strip()[:_LONGEST_DESCRIPTION]
    tags = info.get("tags")
    if isinstance(tags, list):
        found["tags"] = _tags(tags)
    if isinstance(language := info.get("language"), str):
        try:
            found["language"] = spoken_language(language)
        except Invalid:
            # Nobody can write it down; whoever knows better says so.
            found["language"] = None
    return {key: value for key, value in found.items() if value}


def _tags(names: list[Any]) -> list[str]:
    clean = [" ".join(str(name).replace(",", " ").split()).lstrip("#") for name in names]
    fitting = [name for name in clean if 0 < len(name) <= _LONGEST_TAG]
    return list({name.casefold(): name for name in fitting}.values())[:_MOST_TAGS]


def _captions(stem: str, beside: list[Path]) -> Iterator[tuple[str, Path]]:
    for path in beside:
        if path.suffix.lower() in (".vtt", ".srt"):
            tag = language_tag(path.name[len(stem) + 1 : -len(path.suffix)])
            if tag != UNKNOWN:
                yield tag, path


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
