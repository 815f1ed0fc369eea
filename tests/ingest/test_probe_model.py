"""ffprobe's JSON, as types."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.errors import NotAVideo
from vlog.ingest.probe_model import Probe, check_bounds, parse_probe

FORMAT = {"format_name": "matroska,webm", "duration": "10.5", "size": "1000", "start_time": "0.02"}
PICTURE = {
    "index": 0,
    "codec_type": "video",
    "codec_name": "h264",
    "width": 1440,
    "height": 1080,
    "avg_frame_rate": "30000/1001",
}
SOUND = {
    "index": 1,
    "codec_type": "audio",
    "codec_name": "aac",
    "channels": 2,
    "sample_rate": "48000",
}


def answer(*streams: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {"format": {**FORMAT, **changes}, "streams": list(streams)}


def test_the_usual_film() -> None:
    found = parse_probe(answer(PICTURE, SOUND))
    assert (found.duration, found.start_time, found.size) == (10.5, 0.02, 1000)
    assert found.video is not None
    assert (found.video.rotation, found.video.sample_aspect_ratio) == (0, 1.0)
    assert found.audios[0].sample_rate == 48_000
    assert found.bit_rate is None


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"sample_aspect_ratio": "4:3"}, (1920, 1080)),
        ({"sample_aspect_ratio": "0:1"}, (1440, 1080)),
        ({"sample_aspect_ratio": "N/A"}, (1440, 1080)),
        ({"sample_aspect_ratio": "1000:1"}, (1440, 1080)),
        ({"side_data_list": [{"rotation": -90}]}, (1080, 1440)),
        ({"side_data_list": [{"other": 1}, {"rotation": 180}]}, (1440, 1080)),
        ({"side_data_list": [{"rotation": 90}], "sample_aspect_ratio": "4:3"}, (1080, 1920)),
        ({"side_data_list": [{"rotation": "nan"}]}, (1440, 1080)),
    ],
)
def test_the_size_as_it_is_shown(changes: dict[str, Any], shown: tuple[int, int]) -> None:
    video = parse_probe(answer({**PICTURE, **changes})).video
    assert video is not None
    assert (video.display_width, video.display_height) == shown


@pytest.mark.parametrize(("given", "turned"), [(-90, 270), (90, 90), (-180, 180), (360, 0)])
def test_turns_are_counted_one_way(given: int, turned: int) -> None:
    video = parse_probe(answer({**PICTURE, "side_data_list": [{"rotation": given}]})).video
    assert video is not None
    assert video.rotation == turned


def test_a_cover_is_not_the_video_and_the_default_sound_is_first() -> None:
    cover = {**PICTURE, "codec_name": "mjpeg", "disposition": {"attached_pic": 1}}
    second = {**PICTURE, "index": 2}
    german = {**SOUND, "index": 3, "tags": {"language": "deu"}, "disposition": {"default": 1}}
    found = parse_probe(answer(cover, SOUND, second, german))
    assert found.video is not None
    assert found.video.index == 2
    assert [audio.index for audio in found.audios] == [3, 1]
    assert [audio.language for audio in found.audios] == ["deu", None]


@pytest.mark.parametrize("language", ["und", "", "x" * 40, "dé", 5, None])
def test_a_language_that_is_none(language: object) -> None:
    found = parse_probe(answer(PICTURE, {**SOUND, "tags": {"language": language}}))
    assert found.audios[0].language is None


def test_without_a_length_that_of_the_longest_stream_counts() -> None:
    streams = ({**PICTURE, "duration": "9.5"}, {**SOUND, "duration": "10.25"})
    assert parse_probe(answer(*streams, duration="N/A")).duration == 10.25
    assert parse_probe(answer(PICTURE, duration="inf")).duration == 0.0


@pytest.mark.parametrize(
    "streams",
    [
        (),
        ({"index": 0, "codec_type": "subtitle", "codec_name": "subrip"},),
        ({**PICTURE, "disposition": {"attached_pic": 1}},),
        ({**PICTURE, "width": 0},),
        ({**SOUND, "channels": 0},),
        ({key: value for key, value in PICTURE.items() if key != "codec_name"},),
    ],
)
def test_neither_picture_nor_sound(streams: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(NotAVideo, match="neither a picture nor a sound"):
        parse_probe(answer(*streams))


_TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ("N/A", "nan", "-inf", "1e400", "1e999999999", "0:1", "1:0", "2/3", "٣", "1_0")
    ),
    st.integers().map(str),
    st.floats().map(str),
)
_INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3)
_TAGS = st.dictionaries(st.sampled_from(("title", "language", "handler_name")), _TEXTS)
_STREAMS = st.fixed_dictionaries(
    {"index": st.integers(0, 2**31)},
    optional={
        "codec_type": st.sampled_from(("video", "audio", "subtitle", "data")),
        "codec_name": _TEXTS | st.just("h264"),
        **dict.fromkeys(("width", "height"), st.integers(0, 2**31 - 1)),
        "channels": _INTEGERS,
        **dict.fromkeys(
            ("sample_aspect_ratio", "avg_frame_rate", "duration", "bit_rate", "sample_rate"), _TEXTS
        ),
        "disposition": st.dictionaries(
            st.sampled_from(("default", "attached_pic", "forced")), st.integers(0, 1)
        ),
        "tags": _TAGS,
        "side_data_list": st.lists(st.dictionaries(st.just("rotation"), _INTEGERS | _TEXTS)),
    },
)
_NAMES = ("duration", "size", "start_time", "bit_rate", "format_name")
_ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "format": st.dictionaries(st.sampled_from(_NAMES), _TEXTS),
        "streams": st.lists(_STREAMS, max_size=4),
        "chapters": st.lists(
            st.fixed_dictionaries({}, optional={"start_time": _TEXTS, "tags": _TAGS}), max_size=3
        ),
    },
)


@settings(max_examples=100)
@given(_ANSWERS)
def test_whatever_ffprobe_says_it_is_a_probe_or_no_video(found: dict[str, Any]) -> None:
    with suppress(NotAVideo):
        probe = parse_probe(found)
        # JSON has neither infinity nor what is no number, and SQLite no larger integers.
        assert Probe.model_validate_json(probe.model_dump_json()) == probe
        rates = [probe.size, probe.bit_rate or 0, *(audio.bit_rate or 0 for audio in probe.audios)]
        assert all(abs(rate) < 2**63 for rate in rates)
        check_bounds(probe)
        assert probe.video is None or min(probe.video.display_width, probe.video.display_height) > 0
