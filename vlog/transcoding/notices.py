"""What to say of a file of which not all can be had. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from vlog.transcoding.packets import StreamScan
from vlog.transcoding.sound_plan import MOST_SOUNDS

# Containers round, and count what the last frames last in different ways.
_MAY_MISS_SECONDS = 1.5
_MAY_MISS_SHARE = 0.02


def notice_of(declared: float, scans: Iterable[StreamScan], sounds: int) -> str | None:
    """What to say of a file of which not all can be had.

    Args:
        declared: how long it says it is, in seconds.
        scans: what its streams really hold.
        sounds: how many sounds it has.
    """
    sentences = (_cut_off(declared, list(scans)), _too_many(sounds))
    return " ".join(sentence for sentence in sentences if sentence) or None


def _too_many(sounds: int) -> str | None:
    if sounds <= MOST_SOUNDS:
        return None
    return f"The file has {sounds} sounds. The first {MOST_SOUNDS} of them can be heard."


def _cut_off(declared: float, found: list[StreamScan]) -> str | None:
    if not found:
        return None
    seen = max(scan.end for scan in found) - min(scan.start for scan in found)
    if declared - seen <= max(_MAY_MISS_SECONDS, _MAY_MISS_SHARE * declared):
        return None
    return (
        f"The file ends after {_clock(seen)} although it says {_clock(declared)}. "
        "What is there can be watched."
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
