"""Whether a Matroska or WebM file ends before it says it does (RFC 8794, RFC 9559)."""

from __future__ import annotations

from pathlib import Path

_EBML = bytes.fromhex("1a45dfa3")
_SEGMENT = bytes.fromhex("18538067")
# The element in front of the segment is some tens of bytes long.
_FURTHEST_SEGMENT = 4096


def is_cut_off(path: Path) -> bool:
    """True where the segment, which holds everything, is longer than the file. Blocks.

    A live recording does not know its length; that, and any other container, gives False.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(_FURTHEST_SEGMENT + 16)
    if not start.startswith(_EBML):
        return False
    head = _length(start, len(_EBML))
    if head is None or head[0] + head[1] > _FURTHEST_SEGMENT:
        return False
    place = head[0] + head[1]
    if start[place : place + len(_SEGMENT)] != _SEGMENT:
        return False
    segment = _length(start, place + len(_SEGMENT))
    return segment is not None and segment[0] + segment[1] > size


def _length(data: bytes, place: int) -> tuple[int, int] | None:
    """Where an element's content begins, and its length; None where the length is not known."""
    if place >= len(data) or data[place] == 0:
        return None
    width = 9 - data[place].bit_length()
    field = data[place : place + width]
    value = int.from_bytes(field, "big") & ((1 << 7 * width) - 1)
    unknown = value == (1 << 7 * width) - 1
    return None if unknown or len(field) < width else (place + width, value)
