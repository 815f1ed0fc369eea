"""Matroska's outermost elements, whole and cut."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def _cut_off(content: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mkv"
        path.write_bytes(content)
        return is_cut_off(path)


@settings(max_examples=60)
@given(st.integers(0, 100), st.integers(1, 8), st.integers(0, 100))
def test_a_segment_is_whole_when_all_that_it_says_is_there(
    length: int, width: int, there: int
) -> None:
    said = (1 << 7 * width) | length
    content = HEAD + SEGMENT + said.to_bytes(width, "big") + bytes(there)
    # All ones mean that nobody knows.
    unknown = length == (1 << 7 * width) - 1
    assert _cut_off(content) == (there < length and not unknown)


@settings(max_examples=60)
@given(st.sampled_from((b"", HEAD[:4], HEAD, HEAD + SEGMENT)), st.binary(max_size=30))
def test_no_bytes_do_any_harm(begin: bytes, rest: bytes) -> None:
    assert _cut_off(begin + rest) in (True, False)
