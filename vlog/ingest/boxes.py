"""Whether an mp4 or mov file ends before it says it does (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

from pathlib import Path

_HEADER = 8
_LARGE_HEADER = 16
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# What is known to stand at the top. Anything else that does not fit in the file is no box, but what
# a camera hung on behind the film.
_TOP_BOXES = frozenset(
    (
        *(*_FIRST_BOXES, b"moof", b"mfra", b"sidx", b"ssix", b"styp", b"meta", b"uuid", b"udta"),
        *(b"pdin", b"prft", b"emsg"),
    )
)
_MOST_BOXES = 100_000


def is_cut_off(path: Path) -> bool:
    """True where a top-level box is longer than the file, or index or media is missing. Blocks.

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
            if length == 1:
                # A length that is cut off itself belongs to a box that is.
                cut = len(header) < _LARGE_HEADER
                length = size if cut else int.from_bytes(header[8:16], "big")
            elif length == 0:
                length = size - place
            whole = place + length <= size
            if length < _HEADER or (kind not in _TOP_BOXES and not whole):
                # No box at all: ffprobe will see what to make of it.
                return b"mdat" in kinds and b"moov" not in kinds
            if not whole:
                return True
            kinds.add(kind)
            place += length
    return bool(kinds) and not {b"mdat", b"moov"} <= kinds
