"""Titles and extensions from the names that files come with. Pure functions."""

from __future__ import annotations

import re
from pathlib import PurePath

from vlog.ingest.probe_model import Probe

EXTENSIONS = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts", ".flv", ".3gp"),
        *(".3g2", ".ogv", ".mpg", ".mpeg", ".vob", ".wmv", ".asf", ".mxf", ".mp3", ".m4a", ".wav"),
        *(".flac", ".ogg", ".oga", ".opus", ".aac", ".wma", ".aiff"),
    )
)
# What people drop by mistake; everything else is decided by what is in it.
_NO_VIDEOS = frozenset(
    (
        *(".txt", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".html"),
        *(".zip", ".rar", ".7z", ".gz", ".tar", ".exe", ".jpg", ".jpeg", ".png", ".heic", ".svg"),
        *(".srt", ".vtt", ".ass", ".json", ".m3u8", ".nfo"),
    )
)
_BY_CONTAINER = (
    ("mov,mp4", ".mp4"),
    ("matroska,webm", ".mkv"),
    ("mpegts", ".ts"),
    ("mpeg", ".mpg"),
    ("ogg", ".ogg"),
    ("asf", ".wmv"),
)


def plain_name(filename: str) -> str:
    """The name alone, without folders of any system, fit for people, JSON and the database.

    Linux lets a name be any bytes; those that are no UTF-8 become question marks.
    """
    text = filename.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    name = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())


def is_no_video(filename: str) -> bool:
    """Whether the name alone says that this is neither a video nor sound."""
    return PurePath(plain_name(filename)).suffix.lower() in _NO_VIDEOS


def title_from(filename: str) -> str:
    """A title for people: the name without folders and extension, separators as spaces."""
    name = plain_name(filename)
    path = PurePath(name)
    stem = path.stem if path.suffix.lower() in EXTENSIONS else name
    if " " not in stem:
        stem = re.sub(r"[_.]+", " ", stem)
    return " ".join(stem.split())


def extension_for(filename: str, probe: Probe) -> str:
    """The extension of the stored source: its own where that is known, else its container's."""
    suffix = PurePath(filename).suffix.lower()
    if suffix in EXTENSIONS:
        return suffix
    container = probe.container
    known = next((ext for start, ext in _BY_CONTAINER if container.startswith(start)), None)
    plain = "." + container.split(",")[0].lower()
    return known or (plain if re.fullmatch(r"\.[a-z0-9]{1,8}", plain) else ".bin")
