"""Captions as segments on the media clock."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings

from tests.captions.strategies import cue_lists
from tests.transcoding import playlist_reader
from vlog.captions import webvtt
from vlog.captions.cue import Cue
from vlog.captions.hls import caption_playlist, caption_segments, coarse_cuts


def test_segments_are_about_a_minute_on_the_grid() -> None:
    grid = [number * 6.4 for number in range(30)] + [187.0]
    cuts = coarse_cuts(grid)
    assert cuts == [0.0, 9 * 6.4, 18 * 6.4, 27 * 6.4, 187.0]
    assert coarse_cuts([0.0, 5.0]) == [0.0, 5.0]
    assert coarse_cuts([0.0, 90.0, 180.0, 185.0]) == [0.0, 90.0, 180.0, 185.0]


def test_a_cue_over_a_cut_is_in_both_segments_on_the_videos_clock() -> None:
    cues = [Cue(1.0, 2.0, "one"), Cue(58.0, 61.0, "two"), Cue(200.0, 201.0, "beyond")]
    texts = caption_segments(cues, [0.0, 60.0, 120.0], 10.5)
    assert [webvtt.read(text) for text in texts] == [cues[:2], cues[1:2]]
    assert all("X-TIMESTAMP-MAP=MPEGTS:945000,LOCAL:00:00:00.000" in text for text in texts)


def test_the_clock_turns_as_that_of_transport_streams_does() -> None:
    (text,) = caption_segments([], [0.0, 6.0], 2**33 / 90_000 + 1)
    assert "MPEGTS:90000," in text


def test_the_playlist_has_the_segments_lengths() -> None:
    text = caption_playlist(["captions-en_0000.vtt", "captions-en_0001.vtt"], [0.0, 60.4, 70.0])
    assert re.findall(r"#EXTINF:([\d.]+),\n(\S+)", text) == [
        ("60.400000", "captions-en_0000.vtt"),
        ("9.600000", "captions-en_0001.vtt"),
    ]
    assert "#EXT-X-TARGETDURATION:60\n" in text
    assert text.endswith("#EXT-X-ENDLIST\n")


@settings(max_examples=60)
@given(cue_lists())
def test_all_segments_together_say_what_was_said(cues: list[Cue]) -> None:
    cuts = coarse_cuts([number * 30_000.0 for number in range(13)])
    texts = caption_segments(cues, cuts, 10.0)
    for text, (start, end) in zip(texts, pairwise(cuts), strict=True):
        assert webvtt.read(text) == [c for c in cues if c.start < end and c.end > start]
    names = [f"captions-en_{number:04d}.vtt" for number in range(len(texts))]
    read = playlist_reader.read(caption_playlist(names, cuts))
    assert read.segments == [
        (round(end - start, 6), name)
        for name, (start, end) in zip(names, pairwise(cuts), strict=True)
    ]
