"""Matroska's outermost elements, whole and cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from vlog.ingest.ebml import is_cut_off

HEAD = bytes.fromhex("1a45dfa3 84 4286 81 01")
SEGMENT = bytes.fromhex("18538067")


@pytest.mark.parametrize(
    ("content", "cut"),
    [
        (HEAD + SEGMENT + b"\x85" + b"media", False),
        (HEAD + SEGMENT + b"\x85" + b"medi", True),
        (HEAD + SEGMENT + b"\x85" + b"media and more", False),
        (HEAD + SEGMENT + bytes.fromhex("01 00 00 00 00 00 00 05") + b"media", False),
        (HEAD + SEGMENT + bytes.fromhex("01 00 00 00 00 00 10 00") + b"media", True),
        (HEAD + SEGMENT + bytes.fromhex("01 ff ff ff ff ff ff ff") + b"live", False),
        (HEAD + SEGMENT + b"\xff" + b"live", False),
        (HEAD + SEGMENT, False),
        (HEAD + SEGMENT + b"\x01\x00", False),
        (HEAD + b"\xec\x81\0" + SEGMENT, False),
        (HEAD, False),
        (HEAD[:5], False),
        (HEAD[:4] + b"\0", False),
        (b"", False),
        (b"This is a letter", False),
    ],
)
def test_a_file_that_ends_too_early_is_seen(tmp_path: Path, content: bytes, cut: bool) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(content)
    assert is_cut_off(path) is cut
