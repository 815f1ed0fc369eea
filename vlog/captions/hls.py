"""Captions as a rendition of HLS: segmented WebVTT (RFC 8216 3.5). Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from vlog.captions import webvtt
from vlog.captions.cue import Cue

_SEGMENT_SECONDS = 60.0
_CLOCK = 90_000
# MPEG-2 times have 33 bits.
_CLOCK_TURNS = 1 << 33


def coarse_cuts(times: Sequence[float]) -> list[float]:
    """Every cut of a grid that is about a minute after the one before, and the last one.

    Args:
        times: all cuts of the grid in seconds from the video's start, its end last.
    """
    cuts = [times[0]]
    for time, after in pairwise(times[1:]):
        if after - cuts[-1] > _SEGMENT_SECONDS:
            cuts.append(time)
    return [*cuts, times[-1]]


def caption_segments(cues: Sequence[Cue], cuts: Sequence[float], starts_at: float) -> list[str]:
    """The segments' texts. A cue over a cut is in both, as players expect.

    Args:
        cues: in order.
        cuts: where segments start, and the end of the last one, in seconds.
        starts_at: what the media clock shows when the video starts, in seconds.
    """
    stamp = round(starts_at * _CLOCK) % _CLOCK_TURNS
    head = [f"X-TIMESTAMP-MAP=MPEGTS:{stamp},LOCAL:00:00:00.000"]
    return [
        webvtt.write((cue for cue in cues if cue.start < end and cue.end > start), head)
        for start, end in pairwise(cuts)
    ]


def caption_playlist(names: Sequence[str], cuts: Sequence[float]) -> str:
    """The playlist of one language."""
    lengths = [end - start for start, end in pairwise(cuts)]
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{max(1, *(int(length + 0.5) for length in lengths))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    for name, length in zip(names, lengths, strict=True):
        lines += [f"#EXTINF:{length:.6f},", name]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"
