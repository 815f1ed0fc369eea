"""Whether an mp4 or mov file ends before it says it does (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

from pathlib import Path

_HEADER = 8
_LARGE_HEADER = 16
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_MOST_BOXES = 100_000


def is_cut_off(path: Path) -> bool:
    """True where the last top-level box is longer than the file, or the index is missing. Blocks.

    Other containers have no such boxes and always give False.
    """
    size = path.stat().st_size
    kinds: set[bytes] = set()
    with path.open("rb") as file:
        place = 0
        for _ in range(_MOST_BOXES):
            if place + _HEADER > size:
                break
            file.seek(place)
            header = file.read(_LARGE_HEADER)
            kind = header[4:8]
            if place == 0 and kind not in _FIRST_BOXES:
                return False
            length = int.from_bytes(header[:4], "big")
            if length == 1 and len(header) == _LARGE_HEADER:
                length = int.from_bytes(header[8:16], "big")
            elif length == 0:
                length = size - place
            if length < _HEADER or not kind.isascii():
                break
            kinds.add(kind)
            if place + length > size:
                return kind in (b"mdat", b"moov", b"moof")
            place += length
    return b"mdat" in kinds and b"moov" not in kinds
