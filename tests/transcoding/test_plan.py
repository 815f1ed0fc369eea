"""The plan: what is copied, which grid, which pieces of work."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlog.errors import NotAVideo
from vlog.ingest.probe_model import AudioStream, Probe, VideoStream
from vlog.settings import SegmentFormat
from vlog.transcoding.grid import MOST_SEGMENTS
from vlog.transcoding.notices import notice_of
from vlog.transcoding.packets import Packet, StreamScan, scan
from vlog.transcoding.plan import Plan, Wishes, make_plan
from vlog.transcoding.units import split, units_for

WISHES = Wishes(["1080p", "720p", "480p", "360p"], 6.0)

PICTURE = StreamScan(
    packets=3000,
    start=0.0,
    end=120.0,
    bitrate=4_000_000,
    step=0.04,
    constant_rate=True,
    closed_gops=True,
    discarded=0,
    keyframes=tuple(float(second) for second in range(0, 120, 2)),
)
SOUND = replace(
    PICTURE, bitrate=128_000, step=1024 / 48000, keyframes=(), closed_gops=True, end=120.01
)


def _video(**changes: Any) -> VideoStream:
    values: dict[str, Any] = {
        "index": 0,
        "codec": "h264",
        "profile": "High",
        "width": 1920,
        "height": 1080,
        "pixel_format": "yuv420p",
        "field_order": "progressive",
        "color_space": "bt709",
        "color_transfer": "bt709",
        "color_primaries": "bt709",
        "color_range": "tv",
        "sample_aspect_ratio": 1.0,
        "rotation": 0,
        "avg_frame_rate": "25/1",
        "r_frame_rate": "25/1",
        "start_time": 0.0,
        "duration": 120.0,
        "bit_rate": None,
    }
    return VideoStream.model_validate(values | changes)


def _audio(**changes: Any) -> AudioStream:
    values: dict[str, Any] = {
        "index": 1,
        "codec": "aac",
        "profile": "LC",
        "channels": 2,
        "sample_rate": 48000,
        "bit_rate": 128_000,
        "language": "en",
        "default": True,
    }
    return AudioStream.model_validate(values | changes)


def _probe(video: VideoStream | None, *audios: AudioStream) -> Probe:
    return Probe(
        container="mov,mp4,m4a,3gp,3g2,mj2",
        start_time=0.0,
        duration=120.0,
        size=1,
        bit_rate=None,
        video=video,
        audios=audios,
    )


def _plan(video: VideoStream | None = None, picture: StreamScan = PICTURE) -> Plan:
    return make_plan(_probe(video or _video(), _audio()), picture, {1: SOUND}, WISHES)


def test_what_players_play_is_copied_on_its_own_keyframes() -> None:
    plan = _plan()
    assert plan.why_not_copied is None
    assert plan.copied_rung is not None
    assert plan.copied_rung.name == "1080p"
    assert plan.first_rung is plan.copied_rung
    assert plan.audio is not None
    assert plan.audio.copied
    assert [plan.grid.time(number) for number in range(3)] == [0.0, 6.0, 12.0]
    assert plan.names == ("1080p", "720p", "480p", "360p", "audio")


@pytest.mark.parametrize(
    "changes",
    [
        {"codec": "hevc"},
        {"pixel_format": "yuv420p10le"},
        {"pixel_format": "yuvj420p"},
        {"pixel_format": "yuv444p"},
        {"profile": "High 10"},
        {"field_order": "tt"},
        {"rotation": 90},
        {"sample_aspect_ratio": 1.333},
        {"width": 1919},
    ],
)
def test_what_players_do_not_play_is_encoded(changes: dict[str, Any]) -> None:
    plan = _plan(_video(**changes))
    assert plan.why_not_copied is not None
    assert plan.copied_rung is None
    assert plan.first_rung is plan.rungs[-1]


@pytest.mark.parametrize(
    "changes",
    [
        {"closed_gops": False},
        {"constant_rate": False},
        {"discarded": 3},
        {"bitrate": 10_000_001},
        {"keyframes": (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)},
        {"keyframes": (0.0,)},
        {"step": 1 / 120},
    ],
)
def test_packets_that_would_play_badly_are_encoded(changes: dict[str, Any]) -> None:
    plan = _plan(picture=replace(PICTURE, **changes))
    assert plan.why_not_copied is not None
    assert plan.copied_rung is None


def test_a_rotated_picture_is_planned_as_it_is_shown() -> None:
    plan = _plan(_video(rotation=90))
    assert (plan.rungs[0].width, plan.rungs[0].height) == (1080, 1920)


@pytest.mark.parametrize(
    ("audio", "scan"),
    [
        ({"codec": "opus"}, {}),
        ({"profile": "HE-AAC"}, {}),
        ({"channels": 6}, {}),
        ({"channels": 1}, {}),
        ({}, {"bitrate": 320_000}),
        ({}, {"start": 2.0}),
        ({}, {"end": 100.0}),
        ({}, {"constant_rate": False}),
    ],
)
def test_sound_that_would_play_badly_is_encoded(
    audio: dict[str, Any], scan: dict[str, Any]
) -> None:
    plan = make_plan(
        _probe(_video(), _audio(**audio)), PICTURE, {1: replace(SOUND, **scan)}, WISHES
    )
    assert plan.audio is not None
    assert not plan.audio.copied


def test_all_sounds_that_have_packets_are_planned_the_default_one_first() -> None:
    probe = _probe(
        _video(),
        _audio(index=2, language="ger", title="Kino"),
        _audio(index=1, codec="ac3", language="fre"),
        _audio(index=3),
        _audio(index=4, language=None),
    )
    plan = make_plan(probe, PICTURE, {1: SOUND, 2: SOUND, 4: SOUND}, WISHES)
    found = [(a.name, a.stream_index, a.language, a.title, a.copied) for a in plan.audios]
    assert found == [
        ("audio", 2, "de", "Kino", True),
        ("audio-2", 1, "fr", None, False),
        ("audio-3", 4, None, None, True),
    ]
    assert plan.audio == plan.audios[0]
    assert plan.names[-3:] == ("audio", "audio-2", "audio-3")
    runs = [(u.wave, u.renditions) for u in units_for(plan, 2) if u.kind == "run"]
    assert runs == [(0, ("1080p", "audio")), (2, ("audio-2", "audio-3"))]
    full_pass = [unit for unit in units_for(plan, 2) if unit.wave == 2]
    assert min(full_pass, key=lambda unit: unit.position).kind == "run"


def test_more_sounds_than_anybody_can_choose_from_are_left_out_and_told() -> None:
    probe = _probe(_video(), *(_audio(index=index) for index in range(1, 21)))
    plan = make_plan(probe, PICTURE, dict.fromkeys(range(1, 21), SOUND), WISHES)
    assert plan.names[-1] == "audio-16"
    assert "audio-17" not in plan.names
    assert notice_of(120.0, [PICTURE], 16) is None
    assert notice_of(120.0, [PICTURE], 20) == (
        "The file has 20 sounds. The first 16 of them can be heard."
    )
    both = notice_of(600.0, [PICTURE], 20) or ""
    assert both.startswith("The file ends after 2:00")
    assert "20 sounds" in both


def test_sound_alone_has_a_grid_and_no_rungs() -> None:
    plan = make_plan(_probe(None, _audio()), None, {1: SOUND}, WISHES)
    assert plan.rungs == ()
    assert plan.names == ("audio",)
    assert plan.grid.duration == pytest.approx(120.0, abs=0.05)
    assert [unit.kind for unit in units_for(plan, 2)] == ["run", "thumbnail", "finalize"]


def test_a_stored_plan_comes_back_as_it_was() -> None:
    plan = _plan()
    assert Plan.model_validate(plan.model_dump(mode="json")) == plan


def _covered(plan: Plan) -> dict[str, list[int]]:
    covered: dict[str, list[int]] = {}
    for unit in units_for(plan, 2):
        for name in unit.renditions:
            numbers = range(unit.first_segment, unit.first_segment + unit.segment_count)
            covered.setdefault(name, []).extend(numbers)
    return covered


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_every_segment_of_every_rendition_is_made_exactly_once(codec: str) -> None:
    plan = _plan(_video(codec=codec))
    covered = _covered(plan)
    assert set(covered) == set(plan.names)
    for numbers in covered.values():
        assert sorted(numbers) == list(range(plan.grid.count))


def test_a_copied_video_is_playable_after_one_run() -> None:
    urgent = [unit for unit in units_for(_plan(), 2) if unit.wave == 0]
    assert [(unit.kind, unit.renditions) for unit in urgent[:2]] == [
        ("run", ("1080p", "audio")),
        ("thumbnail", ()),
    ]


def test_an_encoded_video_is_playable_after_one_segment_of_its_smallest_rung() -> None:
    urgent = [unit for unit in units_for(_plan(_video(codec="hevc")), 2) if unit.wave == 0]
    assert (urgent[0].kind, urgent[0].renditions) == ("run", ("audio",))
    assert (urgent[1].kind, urgent[1].renditions) == ("part", ("360p",))
    assert (urgent[1].first_segment, urgent[1].segment_count) == (0, 1)


def _waves(seconds: float, codec: str) -> list[set[str]]:
    keyframes = tuple(float(second) for second in range(0, int(seconds), 2))
    picture = replace(PICTURE, end=seconds, keyframes=keyframes)
    plan = make_plan(_probe(_video(codec=codec)), picture, {}, WISHES)
    waves: dict[int, set[str]] = {}
    for unit in units_for(plan, 2):
        if unit.wave > 1:
            waves.setdefault(unit.wave, set()).update(unit.renditions)
    return [waves[wave] for wave in sorted(waves)]


def test_a_short_video_has_one_full_pass_and_a_long_one_two() -> None:
    assert _waves(600, "hevc") == [{"1080p", "720p", "480p"}]
    assert _waves(700, "hevc") == [{"720p"}, {"1080p", "480p"}]
    assert _waves(700, "h264") == [{"480p"}, {"720p", "360p"}]


def test_other_codecs_come_last_and_av1_in_parts_of_one_segment() -> None:
    wishes = replace(WISHES, segment_format="fmp4", codecs=("h264", "hevc", "av1"))
    plan = make_plan(_probe(_video(codec="mpeg2video"), _audio()), PICTURE, {1: SOUND}, wishes)
    assert plan.names[:5] == ("1080p", "720p", "480p", "360p", "1080p-hevc")
    assert plan.first_rung == plan.rung("360p")
    assert plan.rung("720p-av1").max_bitrate == 1_375_000
    parts = [unit for unit in units_for(plan, 2) if unit.kind == "part"]
    codecs = [{plan.rung(name).codec for name in unit.renditions} for unit in parts]
    waves = {
        codec: {u.wave for u, c in zip(parts, codecs, strict=True) if codec in c}
        for codec in wishes.codecs
    }
    assert max(waves["h264"]) < min(waves["hevc"]) <= max(waves["hevc"]) < min(waves["av1"])
    late = [u.segment_count for u, c in zip(parts, codecs, strict=True) if "av1" in c]
    assert late == [1] * plan.grid.count
    assert plan == Plan.model_validate(plan.model_dump(mode="json"))


@pytest.mark.parametrize(("segment_format", "copied"), [("ts", True), ("fmp4", False)])
def test_raw_sound_is_not_copied_where_its_header_must_come_first(
    segment_format: SegmentFormat, copied: bool
) -> None:
    probe = _probe(None, _audio()).model_copy(update={"container": "aac"})
    audio = make_plan(probe, None, {1: SOUND}, replace(WISHES, segment_format=segment_format)).audio
    assert audio is not None
    assert audio.copied is copied


def test_short_videos_have_parts_for_every_core() -> None:
    plan = _plan()
    assert [count for _, count in split(plan, 2)] == [5, 4, 3, 2, 2, 1, 1, 1, 1]
    assert len(split(plan, 8)) >= 16
    assert [count for _, count in split(plan, 2, short_first=True)][:2] == [1, 5]
    lengths = [plan.grid.seconds(first, count) for first, count in split(plan, 1)]
    assert max(lengths) <= 30.0


def test_three_hours_are_planned_in_parts_of_half_a_minute() -> None:
    seconds = 3 * 3600.0
    picture = replace(PICTURE, end=seconds, keyframes=(0.0,), packets=270_000)
    plan = make_plan(_probe(_video(codec="hevc"), _audio()), picture, {1: SOUND}, WISHES)
    assert plan.grid.count == 1800
    counts = [count for _, count in split(plan, 2)]
    assert counts[:350] == [5] * 350
    assert counts[350:] == sorted(counts[350:], reverse=True)
    assert (counts[-1], sum(counts)) == (1, 1800)


@pytest.mark.parametrize(
    "packets",
    [
        [Packet(0.0, 0.0, 1, True)],
        [Packet(0.0, 0.0, 1, True)] * 5,
        [Packet(number / 25, 0.04, 1000, False) for number in range(50)],
        [Packet(number * 3600.0, 0.0, 1, True) for number in range(3)],
    ],
    ids=["one", "all at once", "no keyframe", "slides of an hour"],
)
def test_odd_pictures_are_encoded(packets: list[Packet]) -> None:
    plan = _plan(picture=_scan_of(packets))
    assert plan.copied_rung is None
    assert plan.grid.duration > 0


def _scan_of(packets: list[Packet]) -> StreamScan:
    found = scan(packets)
    assert found is not None
    return found


_TIMES = st.one_of(
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.integers(0, 20).map(lambda number: number / 25),
    st.sampled_from((0.0, 26.5 * 3600, 2**33 / 90_000, -(2.0**63) / 1e6, 2.0**63 / 1e6)),
)
_PACKETS = st.lists(
    st.builds(
        Packet,
        time=_TIMES,
        duration=st.sampled_from((0.0, 0.04, 1e-6, 1e6, -1.0)),
        size=st.sampled_from((0, 1, 1000, 2**40)),
        key=st.booleans(),
        discarded=st.booleans(),
    ),
    max_size=12,
)
_RATES = st.sampled_from((None, "0/0", "25/1", "1/0", "1/2147483647", "2147483647/1", "90000/1"))


@settings(max_examples=80)
@given(
    _PACKETS,
    _PACKETS,
    st.integers(1, 9000),
    st.integers(1, 9000),
    _RATES,
    st.floats(0.1, 10),
    st.booleans(),
)
def test_whatever_the_packets_say_there_is_a_plan_or_a_sentence(
    pictures: list[Packet],
    sounds: list[Packet],
    width: int,
    height: int,
    rate: str | None,
    aspect: float,
    real: bool,
) -> None:
    """What chance makes of a file shows such packets once in thousands."""
    if real:
        width, height, aspect = 1920, 1080, 1.0
    video = _video(width=width, height=height, avg_frame_rate=rate, sample_aspect_ratio=aspect)
    heard = {1: found} if (found := scan(sounds)) else {}
    with suppress(NotAVideo):
        plan = make_plan(_probe(video, _audio()), scan(pictures), heard, WISHES)
        assert 1 <= plan.grid.count <= MOST_SEGMENTS + 1
        assert all(before < after for before, after in pairwise(plan.grid.cuts))
        assert plan.target_duration > 0
        assert all(rung.width % 2 == rung.height % 2 == 0 < rung.width for rung in plan.rungs)
        assert Plan.model_validate_json(plan.model_dump_json()) == plan
