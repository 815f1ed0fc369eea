"""What players are told of a codec (RFC 6381), read from the header of the stream itself.

Pure functions over decoder configuration records: avcC and hvcC (ISO/IEC 14496-15), av1C (AV1 in
ISOBMFF 2.3).
"""

from __future__ import annotations

from vlog.transcoding.fragments import NotWhole, picture_entry


def codec_string(init: bytes) -> str | None:
    """Such as `avc1.64001f`, `hvc1.1.6.L93.90` or `av01.0.04M.08`; None where nothing is known."""
    try:
        entry = picture_entry(init)
    except NotWhole:
        return None
    if entry is None:
        return None
    kind, inside = entry
    for record, describe in ((b"avcC", _avc), (b"hvcC", _hevc), (b"av1C", _av1)):
        if record in inside:
            return describe(kind.decode("ascii", "replace"), inside[record])
    return None


def _avc(kind: str, record: bytes) -> str | None:
    """Profile, constraints and level (RFC 6381 3.3)."""
    return f"{kind}.{record[1:4].hex()}" if len(record) >= 4 else None


def _hevc(kind: str, record: bytes) -> str | None:
    """Profile, compatibility, tier with level, constraints (14496-15, E.3)."""
    if len(record) < 13:
        return None
    space = ("", "A", "B", "C")[record[1] >> 6]
    tier = "H" if record[1] & 0x20 else "L"
    # The compatibility flags are written from the last bit to the first.
    flags = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    parts = [kind, f"{space}{record[1] & 0x1F}", f"{flags:X}", f"{tier}{record[12]}"]
    constraints = record[6:12].rstrip(b"\0")
    return ".".join([*parts, *(f"{byte:X}" for byte in constraints)])


def _av1(kind: str, record: bytes) -> str | None:
    """Profile, level with tier, bit depth."""
    if len(record) < 3:
        return None
    profile, level = record[1] >> 5, record[1] & 0x1F
    tier = "H" if record[2] & 0x80 else "M"
    high, twelve = record[2] & 0x40, record[2] & 0x20
    depth = 8 if not high else 12 if twelve and profile == 2 else 10
    return f"{kind}.{profile}.{level:02d}{tier}.{depth:02d}"
