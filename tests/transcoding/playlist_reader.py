"""Reading playlists as strictly as RFC 8216 is written. Knows nothing of how ours are made."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from unicodedata import category

# 4.2: a name, and a quoted string without line ends and quotes, or a token without commas.
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)')
_INFINITE = re.compile(r"#EXTINF:(\d+(?:\.\d+)?),")


@dataclass
class Playlist:
    """What a player gets out of one. Durations in seconds."""

    tags: dict[str, str] = field(default_factory=dict)
    segments: list[tuple[float, str]] = field(default_factory=list)
    variants: list[tuple[dict[str, str], str]] = field(default_factory=list)
    media: list[dict[str, str]] = field(default_factory=list)


def read(text: str) -> Playlist:
    """A media or a master playlist. Raises AssertionError for what the standard does not allow."""
    lines = text.split("\n")
    assert lines.pop(0) == "#EXTM3U"
    assert lines.pop() == ""
    found = Playlist()
    pending: str | None = None
    for line in lines:
        assert line
        # 4.1: neither control characters nor marks of byte order.
        assert not any(letter == "\ufeff" or category(letter) == "Cc" for letter in line)
        if not line.startswith("#"):
            _address(found, pending, line)
            pending = None
        elif line.startswith(("#EXTINF:", "#EXT-X-STREAM-INF:")):
            assert pending is None
            pending = line
        elif line.startswith("#EXT-X-MEDIA:"):
            found.media.append(attributes(line.partition(":")[2]))
        else:
            name, _, value = line.partition(":")
            assert name not in found.tags
            found.tags[name] = value
    assert pending is None
    return found


def _address(found: Playlist, tag: str | None, address: str) -> None:
    assert tag is not None
    if tag.startswith("#EXTINF"):
        length = _INFINITE.fullmatch(tag)
        assert length
        found.segments.append((float(length[1]), address))
    else:
        found.variants.append((attributes(tag.partition(":")[2]), address))


def attributes(text: str) -> dict[str, str]:
    """An attribute list; no name occurs twice."""
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        match = _ATTRIBUTE.match(text, place)
        assert match, text[place:]
        assert match[1] not in found
        found[match[1]] = match[2].strip('"')
        place = match.end()
    return found
