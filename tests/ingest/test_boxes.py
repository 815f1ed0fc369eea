"""Top-level boxes of mp4 files, whole and cut."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.ingest.boxes import is_cut_off


def box(kind: str, content: bytes = b"", *, length: int | None = None) -> bytes:
    size = 8 + len(content) if length is None else length
    return struct.pack(">I4s", size, kind.encode()) + content


def large(kind: str, content: bytes, *, length: int | None = None) -> bytes:
    size = 16 + len(content) if length is None else length
    return struct.pack(">I4sQ", 1, kind.encode(), size) + content


FTYP = box("ftyp", b"isom\0\0\0\0")
MOOV = box("moov", b"index" * 10)
MDAT = box("mdat", b"media" * 10)


@pytest.mark.parametrize(
    ("content", "cut"),
    [
        (FTYP + MOOV + MDAT, False),
        (FTYP + MDAT + MOOV, False),
        (FTYP + MOOV + large("mdat", b"media"), False),
        (FTYP + MOOV + box("mdat", b"to the end", length=0), False),
        (FTYP + MOOV + MDAT + b"\0" * 5, False),
        (FTYP + MOOV + MDAT + b"GPS of a camera, no box", False),
        (FTYP + MOOV + box("beam", b"something of the vendor") + MDAT, False),
        (FTYP + MOOV + box("moof") + MDAT + box("moof") + MDAT, False),
        (MDAT + MOOV, False),
        (FTYP + MDAT, True),
        (FTYP + MOOV, True),
        (FTYP, True),
        (FTYP[:-1], True),
        (FTYP + MOOV + MDAT[:-1], True),
        (FTYP + MDAT + MOOV[:-1], True),
        (FTYP + MOOV + MDAT[:9], True),
        (FTYP + MOOV + large("mdat", b"media")[:20], True),
        (FTYP + MOOV + large("mdat", b"media", length=1 << 40), True),
        (FTYP + MOOV + box("free", b"", length=5000), True),
        (FTYP + MOOV + box("moof") + MDAT + box("moof", b"", length=500), True),
        (b"", False),
        (b"tiny", False),
        (b"This is a letter and no film", False),
        (b"\x1a\x45\xdf\xa3" + bytes(100), False),
    ],
)
def test_a_file_that_ends_too_early_is_seen(tmp_path: Path, content: bytes, cut: bool) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    assert is_cut_off(path) is cut


def test_boxes_that_lead_nowhere_end(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(FTYP + MOOV + MDAT + box("free", length=3) * 100)
    assert is_cut_off(path) is False


def _cut_off(content: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        path.write_bytes(content)
        return is_cut_off(path)


@settings(max_examples=60)
@given(st.permutations([MOOV, MDAT, box("free", bytes(9)), large("uuid", b"x")]), st.data())
def test_a_film_is_whole_and_less_of_it_is_not(rest: list[bytes], data: st.DataObject) -> None:
    content = FTYP + b"".join(rest)
    assert not _cut_off(content)
    ends = [len(FTYP) + len(b"".join(rest[: number + 1])) for number in range(len(rest))]
    needed = ends[max(rest.index(MOOV), rest.index(MDAT))]
    length = data.draw(st.integers(len(FTYP), len(content)))
    # Less than the head of a box is what some programs leave behind a film.
    inside = all(not end <= length < end + 8 for end in ends)
    assert _cut_off(content[:length]) == (length < needed or inside)


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            struct.Struct(">I4sQ").pack,
            st.sampled_from((0, 1, 7, 8, 15, 16, 24, 2**32 - 1)),
            st.sampled_from((b"ftyp", b"moov", b"mdat", b"free", b"\0\0\0\0")),
            st.sampled_from((0, 1, 16, 2**63, 2**64 - 1)),
        )
        | st.binary(max_size=20),
        max_size=8,
    ).map(b"".join)
)
def test_boxes_of_any_length_come_to_an_end(content: bytes) -> None:
    assert _cut_off(content) in (True, False)
