"""Which files of a video belong to nobody. Pure functions over names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vlog.catalog.storyboards import STORYBOARD
from vlog.catalog.thumbnails import automatic_revision, chosen_number

# What VLog itself puts into a video's folder for a rendition. Anything else in there is somebody's.
_SEGMENT = re.compile(r"(?P<rendition>[a-z0-9-]+)_(?P<number>[0-9]{4,6})\.(?:ts|m4s)")
_HEADER = re.compile(r"(?P<rendition>[a-z0-9-]+)_init\.mp4")
_PLAYLIST = re.compile(r"(?P<rendition>[a-z0-9-]+)\.m3u8")
# The master, and captions, whose files come and go with the transcripts.
_NO_RENDITION = re.compile(r"master|captions-.+")
_SHEET = re.compile(rf"(?P<rendition>{STORYBOARD})_(?P<number>[0-9]{{4,6}})\.jpg")
_TRACK = re.compile(rf"(?P<rendition>{STORYBOARD})\.vtt")


@dataclass(frozen=True)
class Owned:
    """What the database knows of one job's folder.

    Args:
        segments: by rendition, the numbers of the segments that are published.
        sheets: the numbers of the storyboard's sheets.
        retired: renditions that are served no more, whose files stay a while; and the storyboard.
        thumbnail: the number of the chosen picture that viewers get. One with a higher number may
            be on its way there.
        automatic_thumbnails: the revisions whose automatic picture is shown or on its way there.
    """

    segments: Mapping[str, frozenset[int]] = field(default_factory=dict)
    sheets: frozenset[int] = frozenset()
    retired: frozenset[str] = frozenset()
    thumbnail: int = 0
    automatic_thumbnails: frozenset[int] = frozenset((1,))

    def has(self, name: str) -> bool:
        """Whether a file is owned, or is nothing that VLog would make."""
        if (number := chosen_number(name)) is not None:
            return number >= self.thumbnail
        if (revision := automatic_revision(name)) is not None:
            return revision in self.automatic_thumbnails
        if found := _SEGMENT.fullmatch(name):
            rendition = found["rendition"]
            numbers = self.segments.get(rendition, frozenset())
            return rendition in self.retired or int(found["number"]) in numbers
        if found := _SHEET.fullmatch(name):
            return STORYBOARD in self.retired or int(found["number"]) in self.sheets
        if _TRACK.fullmatch(name):
            return STORYBOARD in self.retired or bool(self.sheets)
        found = _HEADER.fullmatch(name) or _PLAYLIST.fullmatch(name)
        if found is None or _NO_RENDITION.fullmatch(found["rendition"]):
            return True
        return found["rendition"] in self.retired or found["rendition"] in self.segments


def never_changes(name: str) -> bool:
    """Whether a published file of this name stays as it is: a segment, or a storyboard's sheet."""
    return bool(_SEGMENT.fullmatch(name) or _SHEET.fullmatch(name))


def orphans(names: Iterable[str], owned: Owned) -> list[str]:
    """The files that VLog made and that nothing names any more."""
    return sorted(name for name in names if not owned.has(name))


def belongs_to(name: str, rendition: str) -> bool:
    """Whether a file is a rendition's segment, header or playlist, or of the storyboard."""
    for pattern in (_SEGMENT, _HEADER, _PLAYLIST, _SHEET, _TRACK):
        if found := pattern.fullmatch(name):
            return found["rendition"] == rendition
    return False
