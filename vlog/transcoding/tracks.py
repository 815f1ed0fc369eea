"""How players are offered the sounds of a video (RFC 8216 4.3.4.1). Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vlog.captions.checking import clean_text
from vlog.catalog.renditions import Rendition
from vlog.catalog.sounds import FIRST_SOUND
from vlog.languages import language_name

GROUP = "audio"
_UNNAMED = "Sound"
_YES = {True: "YES", False: "NO"}


@dataclass(frozen=True)
class Track:
    """One sound in the menu of a player. No two have the same label.

    `by_language` lets a player choose it for a viewer who prefers its language.
    """

    name: str
    label: str
    language: str | None
    by_language: bool

    @property
    def first(self) -> bool:
        """Whether it plays where nobody has chosen."""
        return self.name == FIRST_SOUND


def tracks_of(sounds: Sequence[Rendition]) -> list[Track]:
    """The sounds of a video with their labels: the track's own title, or its language."""
    tracks: list[Track] = []
    for sound in sounds:
        usual = language_name(sound.language) if sound.language else _UNNAMED
        labels = {track.label.casefold() for track in tracks}
        # Of several in one language a player could only guess; the first is the film's own.
        spoken_already = {track.language for track in tracks if track.by_language}
        tracks.append(
            Track(
                name=sound.name,
                label=_unique(quotable(sound.title or usual), labels),
                language=sound.language,
                by_language=sound.name == FIRST_SOUND
                or (sound.language is not None and sound.language not in spoken_already),
            )
        )
    return tracks


def media_line(track: Track, uri: str | None) -> str:
    """The line of a master playlist. Without a `uri` the sound is in the variants themselves."""
    attributes = [
        f'TYPE=AUDIO,GROUP-ID="{GROUP}",NAME="{track.label}"',
        f"DEFAULT={_YES[track.first]},AUTOSELECT={_YES[track.by_language]}",
    ]
    if track.language:
        attributes.append(f'LANGUAGE="{track.language}"')
    attributes.append('CHANNELS="2"')
    if uri is not None:
        attributes.append(f'URI="{uri}"')
    return f"#EXT-X-MEDIA:{','.join(attributes)}"


def _unique(label: str, taken: set[str]) -> str:
    number, found = 1, label
    while found.casefold() in taken:
        number += 1
        found = f"{label} {number}"
    return found


def quotable(text: str) -> str:
    """A text as a quoted string may hold it: no quotation mark, line end, or mark of byte order.

    RFC 8216 4.1 and 4.2.
    """
    return " ".join(clean_text(text.replace("\ufeff", "")).split()).replace('"', "'")
