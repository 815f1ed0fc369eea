"""Playlist texts (RFC 8216) from what is committed."""

from __future__ import annotations

from itertools import accumulate, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transcoding import playlist_reader
from vlog.catalog.renditions import Rendition, SegmentFacts
from vlog.settings import SegmentFormat
from vlog.transcoding.playlists import (
    CaptionTrack,
    average_bitrate,
    continuous,
    peak_bitrate,
    playlists_of,
)
from vlog.transcription.sound import stretch_of
from vlog.web.offloading import from_cdn


def _segments(
    *numbers: int, duration: float = 6.0, size: int = 750_000
) -> tuple[SegmentFacts, ...]:
    return tuple(SegmentFacts(number, duration, size) for number in numbers)


def _rendition(
    name: str,
    segments: tuple[SegmentFacts, ...],
    *,
    whole: bool = False,
    kind: str = "video",
    language: str | None = None,
    title: str | None = None,
) -> Rendition:
    sound = kind == "audio"
    return Rendition(
        id=1,
        name=name,
        kind=kind,
        status="ready" if whole else "processing",
        copied=False,
        bitrate=1,
        width=None if sound else 640,
        height=None if sound else 360,
        frame_rate=None if sound else 25.0,
        codecs="mp4a.40.2" if sound else "avc1.64001e",
        init=None,
        segments=segments,
        language=language,
        title=title,
    )


def _texts(
    *renditions: Rendition, growing: str | None = "360p", ended: bool = False
) -> dict[str, str]:
    found = playlists_of(
        renditions,
        growing=growing,
        target_duration=6,
        segment_format="ts",
        ended=ended,
    )
    return {name: text for (_, name), text in found.items()}


def _listed(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_a_growing_rung_is_an_event_that_starts_at_its_beginning() -> None:
    text = _texts(_rendition("360p", _segments(0, 1)))["360p.m3u8"]
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in text
    assert "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES" in text
    assert "#EXT-X-ENDLIST" not in text
    assert _listed(text) == ["360p_0000.ts", "360p_0001.ts"]


def test_a_whole_rung_is_vod_with_an_end() -> None:
    text = _texts(_rendition("360p", _segments(0, 1), whole=True))["360p.m3u8"]
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in text
    assert text.endswith("#EXT-X-ENDLIST\n")
    assert "#EXT-X-START" not in text


def test_no_picture_is_listed_beyond_the_sound() -> None:
    texts = _texts(
        _rendition("360p", _segments(0, 1, 2), whole=True),
        _rendition("audio", _segments(0, 1, size=96_000), kind="audio"),
    )
    assert _listed(texts["360p.m3u8"]) == ["360p_0000.ts", "360p_0001.ts"]
    assert "#EXT-X-ENDLIST" not in texts["360p.m3u8"]


def test_what_comes_after_a_gap_is_not_listed() -> None:
    texts = _texts(_rendition("360p", _segments(0, 1, 3)))
    assert _listed(texts["360p.m3u8"]) == ["360p_0000.ts", "360p_0001.ts"]
    assert continuous(_segments(1, 2)) == []


def test_the_master_lists_whole_rungs_and_the_first_one_alone() -> None:
    texts = _texts(
        _rendition("1080p", _segments(0, 1)),
        _rendition("720p", _segments(0, 1, 2), whole=True),
        _rendition("360p", _segments(0)),
    )
    assert _listed(texts["master.m3u8"]) == ["720p.m3u8", "360p.m3u8"]
    assert "1080p.m3u8" not in texts


def test_the_master_measures_and_adds_the_sound() -> None:
    texts = _texts(
        _rendition("360p", _segments(0) + _segments(1, size=1_500_000), whole=True),
        _rendition("audio", _segments(0, 1, size=75_000), whole=True, kind="audio", language="en"),
    )
    line = next(text for text in texts["master.m3u8"].splitlines() if "STREAM-INF" in text)
    assert "BANDWIDTH=2100000" in line
    assert "AVERAGE-BANDWIDTH=1600000" in line
    assert 'CODECS="avc1.64001e,mp4a.40.2"' in line
    assert "RESOLUTION=640x360" in line
    assert "FRAME-RATE=25.000" in line
    assert 'AUDIO="audio"' in line
    assert 'LANGUAGE="en"' in texts["master.m3u8"]


def test_sound_alone_is_its_own_variant() -> None:
    texts = _texts(_rendition("audio", _segments(0), whole=True, kind="audio"), growing="audio")
    assert _listed(texts["master.m3u8"]) == ["audio.m3u8"]
    assert "EXT-X-MEDIA:" not in texts["master.m3u8"]
    assert 'CODECS="mp4a.40.2"' in texts["master.m3u8"]


def _sounds(texts: dict[str, str]) -> list[str]:
    return [line for line in texts["master.m3u8"].splitlines() if "EXT-X-MEDIA:" in line]


def _sound(name: str, language: str | None, title: str | None = None, size: int = 9) -> Rendition:
    return _rendition(
        name,
        _segments(0, 1, size=size),
        whole=True,
        kind="audio",
        language=language,
        title=title,
    )


def test_every_whole_sound_can_be_chosen_and_no_two_have_one_name() -> None:
    texts = _texts(
        _rendition("360p", _segments(0, 1), whole=True),
        _sound("audio", "de"),
        _sound("audio-2", "en", 'The "director"\nspeaks', size=75_000),
        _sound("audio-3", "en"),
        _sound("audio-4", "de"),
        _sound("audio-5", None),
        _rendition("audio-6", _segments(0), kind="audio"),
    )
    group = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME='
    assert _sounds(texts) == [
        f'{group}"German",DEFAULT=YES,AUTOSELECT=YES,LANGUAGE="de",CHANNELS="2",URI="audio.m3u8"',
        f'{group}"The \'director\' speaks",DEFAULT=NO,AUTOSELECT=YES,LANGUAGE="en",CHANNELS="2",'
        'URI="audio-2.m3u8"',
        f'{group}"English",DEFAULT=NO,AUTOSELECT=NO,LANGUAGE="en",CHANNELS="2",URI="audio-3.m3u8"',
        f'{group}"German 2",DEFAULT=NO,AUTOSELECT=NO,LANGUAGE="de",CHANNELS="2",URI="audio-4.m3u8"',
        f'{group}"Sound",DEFAULT=NO,AUTOSELECT=NO,CHANNELS="2",URI="audio-5.m3u8"',
    ]
    assert "audio-6.m3u8" not in texts
    # Whichever is heard, the rate that is promised is enough: the second has 100 kbit/s.
    assert _listed(texts["master.m3u8"]) == ["360p.m3u8"]
    assert "BANDWIDTH=1100000,AVERAGE-BANDWIDTH=1100000" in texts["master.m3u8"]


def test_sounds_without_a_picture_can_be_chosen_too() -> None:
    texts = _texts(_sound("audio", "de"), _sound("audio-2", "en"), growing="audio")
    assert _listed(texts["master.m3u8"]) == ["audio.m3u8"]
    first, second = _sounds(texts)
    assert "URI=" not in first
    assert second.endswith('URI="audio-2.m3u8"')
    assert 'AUDIO="audio"' in texts["master.m3u8"]


def test_nothing_committed_gives_no_playlist() -> None:
    assert _texts(_rendition("360p", ())) == {}


def test_a_failed_video_lets_nobody_wait_for_more() -> None:
    assert "#EXT-X-ENDLIST" in _texts(_rendition("360p", _segments(0)), ended=True)["360p.m3u8"]


def test_a_short_last_segment_does_not_make_the_peak() -> None:
    segments = (*_segments(0, 1, size=600_000), SegmentFacts(2, 0.5, 500_000))
    assert peak_bitrate(segments) == average_bitrate(segments) == 1_088_000
    assert peak_bitrate(()) == average_bitrate(()) == 0


def test_captions_lie_once_and_have_names_of_their_own() -> None:
    tracks = [
        CaptionTrack("en", 'The "best"\none'),
        CaptionTrack("en-x-2", "The 'best' one"),
        CaptionTrack("und", "Unknown language"),
    ]
    texts = playlists_of(
        [_rendition("360p", _segments(0), whole=True)],
        growing=None,
        target_duration=6,
        segment_format="ts",
        captions=tracks,
        revision=2,
    )
    lines = [line for line in texts[2, "master.m3u8"].splitlines() if "SUBTITLES" in line]
    assert [line.partition("NAME=")[2] for line in lines[:3]] == [
        '"The \'best\' one",DEFAULT=NO,AUTOSELECT=YES,LANGUAGE="en",URI="../captions-en.m3u8"',
        '"The \'best\' one [en-x-2]",DEFAULT=NO,AUTOSELECT=YES,LANGUAGE="en-x-2",'
        'URI="../captions-en-x-2.m3u8"',
        '"Unknown language",DEFAULT=NO,AUTOSELECT=YES,URI="../captions-und.m3u8"',
    ]
    assert lines[3].endswith('SUBTITLES="captions"')
    assert "SUBTITLES" not in _texts(_rendition("360p", _segments(0)))["master.m3u8"]


_LENGTHS = st.lists(st.floats(0.001, 30, allow_subnormal=False), min_size=1, max_size=6)
_LABELS = (
    st.none() | st.text(max_size=20) | st.sampled_from(('a"b', "a\r\nb", "#EXTM3U", "x,URI=y"))
)
_TAGS = st.sampled_from((None, "de", "en", "pt-BR"))


@st.composite
def _videos(draw: st.DrawFn) -> tuple[list[Rendition], list[CaptionTrack]]:
    lengths = draw(_LENGTHS)
    sounds = draw(st.lists(st.tuples(_TAGS, _LABELS), max_size=4))
    captions = draw(st.lists(st.tuples(_TAGS, _LABELS), max_size=3, unique_by=lambda one: one[0]))
    segments = tuple(SegmentFacts(n, length, 1 + n * 1000) for n, length in enumerate(lengths))
    return [
        *(_rendition(name, segments, whole=True) for name in draw(st.sets(_RUNGS, max_size=3))),
        *(
            _rendition(
                "audio" if number == 1 else f"audio-{number}",
                segments,
                whole=True,
                kind="audio",
                language=language,
                title=title,
            )
            for number, (language, title) in enumerate(sounds, start=1)
        ),
    ], [CaptionTrack(language or "und", label or "") for language, label in captions]


_RUNGS = st.sampled_from(("1080p", "720p", "360p"))


@settings(max_examples=80)
@given(_videos(), st.sampled_from(("ts", "fmp4")), st.integers(1, 3))
def test_a_reader_of_the_standard_gets_back_what_was_written(
    video: tuple[list[Rendition], list[CaptionTrack]],
    segment_format: SegmentFormat,
    revision: int,
) -> None:
    renditions, captions = video
    longest = max((s.duration for r in renditions for s in r.segments), default=0.0)
    texts = playlists_of(
        renditions,
        growing=None,
        target_duration=max(1, int(longest + 0.5)),
        segment_format=segment_format,
        captions=captions,
        revision=revision,
    )
    found = {name: playlist_reader.read(text) for (_, name), text in texts.items()}
    for rendition in renditions:
        read = found[f"{rendition.name}.m3u8"]
        target = int(read.tags["#EXT-X-TARGETDURATION"])
        assert all(int(length + 0.5) <= target for length, _ in read.segments)
        assert [name for _, name in read.segments] == [
            f"{rendition.name}_{s.number:04d}.{'ts' if segment_format == 'ts' else 'm4s'}"
            for s in rendition.segments
        ]
        assert ("#EXT-X-MAP" in read.tags) == (segment_format == "fmp4")
    if not renditions:
        assert found == {}
        return
    master = found["master.m3u8"]
    pictures = {f"{r.name}.m3u8" for r in renditions if r.kind == "video"}
    assert {address.rpartition("/")[2] for _, address in master.variants} == (
        pictures or {"audio.m3u8"}
    )
    for group in ("AUDIO", "SUBTITLES"):
        lines = [one for one in master.media if one["TYPE"] == group]
        names = [one["NAME"] for one in lines]
        assert len({*names}) == len(names)
        assert all(one.get(group) for one, _ in master.variants) == bool(lines)
    assert len([one for one in master.media if one["TYPE"] == "SUBTITLES"]) == len(captions)


@settings(max_examples=60)
@given(_LENGTHS, st.sampled_from(("ts", "fmp4")), st.floats(0, 100), st.floats(0.1, 100))
def test_a_stretch_and_a_cdn_find_the_same_segments(
    lengths: list[float], segment_format: SegmentFormat, start: float, seconds: float
) -> None:
    segments = tuple(SegmentFacts(n, length, 1) for n, length in enumerate(lengths))
    sound = _rendition("audio", segments, whole=True, kind="audio")
    texts = playlists_of([sound], growing=None, target_duration=30, segment_format=segment_format)
    text = texts[1, "audio.m3u8"]
    read = playlist_reader.read(text)
    files = [name for name in stretch_of(text, start, seconds).files if "init" not in name]
    borders = list(accumulate((length for length, _ in read.segments), initial=0.0))
    for (_, name), (begin, end) in zip(read.segments, pairwise(borders), strict=True):
        assert (name in files) == (end > start and begin < start + seconds)
    elsewhere = playlist_reader.read(from_cdn(text, "https://cdn.example.org/v/"))
    assert elsewhere.segments == [
        (length, f"https://cdn.example.org/v/{name}") for length, name in read.segments
    ]
