"""Codec strings as the standards write them, from headers made by hand and by real encoders."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.transcoding.codec_strings import codec_string
from vlog.transcoding.fragments import NotWhole, boxes, is_fragment


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def _init(entry: bytes, record_kind: bytes, record: bytes) -> bytes:
    sample = _box(entry, bytes(78) + _box(record_kind, record))
    found = _box(b"stsd", bytes(4) + (1).to_bytes(4, "big") + sample)
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        found = _box(kind, found)
    return _box(b"ftyp", b"iso5") + found


@pytest.mark.parametrize(
    ("entry", "kind", "record", "said"),
    [
        (b"avc1", b"avcC", "01640028ffe1", "avc1.640028"),
        (b"avc1", b"avcC", "0142c01effe1", "avc1.42c01e"),
        (b"hvc1", b"hvcC", "010160000000900000000000", None),
        (b"hvc1", b"hvcC", "0101600000009000000000005d", "hvc1.1.6.L93.90"),
        (b"hvc1", b"hvcC", "012220000000b0000000000099", "hvc1.2.4.H153.B0"),
        (b"hev1", b"hvcC", "0181600000000000000000007b", "hev1.B1.6.L123"),
        (b"hev1", b"hvcC", "0141600000009000100000007b", "hev1.A1.6.L123.90.0.10"),
        (b"av01", b"av1C", "81040c00", "av01.0.04M.08"),
        (b"av01", b"av1C", "8128cc00", "av01.1.08H.10"),
        (b"av01", b"av1C", "814d6000", "av01.2.13M.12"),
        (b"av01", b"av1C", "8104", None),
        (b"vp09", b"vpcC", "01000000", None),
    ],
)
def test_what_the_records_say(entry: bytes, kind: bytes, record: str, said: str | None) -> None:
    assert codec_string(_init(entry, kind, bytes.fromhex(record))) == said


def test_what_is_no_header_says_nothing() -> None:
    whole = _init(b"avc1", b"avcC", bytes.fromhex("01640028"))
    assert codec_string(b"") is None
    assert codec_string(whole[:-3]) is None
    assert codec_string(_box(b"moov", b"")) is None


def test_a_fragment_is_whole_or_it_is_none() -> None:
    index, media = _box(b"moof", bytes(20)), _box(b"mdat", bytes(50))
    assert is_fragment(index + media)
    for broken in (
        *(b"", index, media, index + media[:-1], media + index),
        *(index + media + index, index + media + b"\0", index + _box(b"mdat", b"")),
    ):
        assert not is_fragment(broken)


def test_large_boxes_have_their_length_behind_their_name() -> None:
    large = (1).to_bytes(4, "big") + b"mdat" + (16 + 3).to_bytes(8, "big") + b"abc"
    assert list(boxes(large)) == [(b"mdat", b"abc")]
    with pytest.raises(NotWhole):
        list(boxes(bytes(4) + b"mdat"))


@pytest.mark.parametrize(
    ("encoder", "begins"),
    [
        (("libx264", "-profile:v", "high"), "avc1.6400"),
        (("libx265", "-tag:v", "hvc1", "-x265-params", "log-level=error"), "hvc1.1.6.L"),
        (("libsvtav1", "-preset", "12"), "av01.0.0"),
    ],
)
def test_real_headers_are_read(tmp_path: Path, encoder: tuple[str, ...], begins: str) -> None:
    target = tmp_path / "real.mp4"
    command = [
        *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=0.2"),
        *("-pix_fmt", "yuv420p", "-c:v", *encoder, "-movflags", "+empty_moov", str(target)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    said = codec_string(target.read_bytes())
    assert said is not None
    assert said.startswith(begins)


_RECORDS = st.sampled_from((b"avcC", b"hvcC", b"av1C", b"free"))


@settings(max_examples=100)
@given(_RECORDS, st.binary(max_size=30), st.integers(0, 400), st.integers(0, 255))
def test_a_header_of_any_kind_says_something_or_nothing(
    kind: bytes, record: bytes, place: int, value: int
) -> None:
    init = bytearray(_init(b"avc1", kind, record))
    init[place % len(init)] = value
    said = codec_string(bytes(init))
    # It becomes an attribute of a playlist.
    assert said is None or '"' not in said or value == ord('"')
    assert is_fragment(bytes(init)) is False
