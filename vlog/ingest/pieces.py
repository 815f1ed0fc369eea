"""Bytes on their way to a file, as they came: putting them together would copy each once more."""

from __future__ import annotations

import os
from io import FileIO

_WRITE_BYTES = 1024 * 1024
# Linux takes at most 1024 in one call. Whoever sends byte by byte shall not fill the memory either.
_MOST = 256


class Pieces:
    """What waits to be written."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def __bool__(self) -> bool:
        return self._size > 0

    @property
    def full(self) -> bool:
        """Writing is worth a trip to a thread."""
        return self._size >= _WRITE_BYTES or len(self._pieces) >= _MOST

    def add(self, piece: bytes) -> None:
        """Add bytes behind the others."""
        self._pieces.append(piece)
        self._size += len(piece)

    def take(self) -> list[bytes]:
        """All that waits; nothing does afterwards."""
        pieces, self._pieces, self._size = self._pieces, [], 0
        return pieces


def write_all(file: FileIO, pieces: list[bytes]) -> None:
    """Write every byte. Blocks. Raises OSError; some may have been written then."""
    rest = [memoryview(piece) for piece in pieces if piece]
    while rest:
        written = os.writev(file.fileno(), rest)
        while rest and written >= len(rest[0]):
            written -= len(rest.pop(0))
        if written:
            rest[0] = rest[0][written:]
