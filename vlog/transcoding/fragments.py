"""Reading what an fMP4 file says of itself (ISO/IEC 14496-12). Pure functions over its bytes."""

from __future__ import annotations

from collections.abc import Iterator

_HEADER = 8
_LARGE_HEADER = 16
# A sample entry of pictures has 78 bytes of fields before its own boxes (14496-12, 12.1.3).
_SAMPLE_ENTRY_FIELDS = 78
_TO_SAMPLE_DESCRIPTION = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


class NotWhole(ValueError):
    """The boxes do not add up to the file."""


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each box on the first level as (type, content). Raises NotWhole."""
    place = 0
    while place < len(data):
        header = data[place : place + _LARGE_HEADER]
        length, start = int.from_bytes(header[:4], "big"), _HEADER
        if length == 1:
            length, start = int.from_bytes(header[8:16], "big"), _LARGE_HEADER
        if len(header) < start or length < start or place + length > len(data):
            raise NotWhole(f"a box ends after the file, which has {len(data)} bytes")
        yield header[4:8], data[place + start : place + length]
        place += length


def box(data: bytes, *path: bytes) -> bytes | None:
    """The content of the first box at a path, or None. Raises NotWhole."""
    for kind, content in boxes(data):
        if kind == path[0]:
            return content if len(path) == 1 else box(content, *path[1:])
    return None


def is_fragment(data: bytes) -> bool:
    """Whether this is one whole fragment: an index and then its media, and nothing cut off."""
    try:
        found = [(kind, len(content)) for kind, content in boxes(data)]
    except NotWhole:
        return False
    return [kind for kind, _ in found] == [b"moof", b"mdat"] and found[1][1] > 0


def picture_entry(init: bytes) -> tuple[bytes, dict[bytes, bytes]] | None:
    """The sample entry of the first track's pictures, as its type and its boxes by type.

    None where there is no such track. Raises NotWhole.
    """
    descriptions = box(init, *_TO_SAMPLE_DESCRIPTION)
    if descriptions is None:
        return None
    # Version, flags and the number of entries come first.
    kind, content = next(boxes(descriptions[8:]), (b"", b""))
    return kind, dict(boxes(content[_SAMPLE_ENTRY_FIELDS:]))
