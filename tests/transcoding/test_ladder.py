"""Which rungs a source gets."""

from __future__ import annotations

import pytest

from vlog.transcoding.ladder import Size, audio_bitrate, choose_rungs, rate_as_h264

LADDER = ["2160p", "1440p", "1080p", "720p", "480p", "360p"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (Size(3840, 2160), ["2160p", "1440p", "1080p", "720p", "480p", "360p"]),
        (Size(1920, 1080), ["1080p", "720p", "480p", "360p"]),
        (Size(1920, 1038), ["1080p", "720p", "480p", "360p"]),
        (Size(1080, 1920), ["1080p", "720p", "480p", "360p"]),
        (Size(7680, 4320), LADDER),
        (Size(1280, 720), ["720p", "480p", "360p"]),
        (Size(768, 432), ["480p", "360p"]),
        (Size(320, 180), ["180p"]),
        (Size(351, 201), ["200p"]),
    ],
)
def test_rungs_follow_the_short_side(source: Size, names: list[str]) -> None:
    assert [rung.name for rung in choose_rungs(source, None, LADDER)] == names


def test_nothing_is_scaled_up_and_every_size_is_even() -> None:
    for source in (Size(1919, 1037), Size(641, 361), Size(199, 353), Size(5, 3)):
        for rung in choose_rungs(source, None, LADDER):
            assert rung.size.width <= source.width + 1
            assert rung.size.height <= source.height + 1
            assert rung.size.width % 2 == rung.size.height % 2 == 0


def test_the_shape_of_the_picture_stays() -> None:
    for rung in choose_rungs(Size(1080, 1920), None, LADDER):
        assert rung.size.width / rung.size.height == pytest.approx(1080 / 1920, rel=0.01)


def test_the_best_rung_keeps_a_size_that_is_nearly_its_own() -> None:
    assert choose_rungs(Size(1920, 800), None, LADDER)[0].size == Size(1920, 800)
    assert choose_rungs(Size(1600, 900), None, LADDER)[0].size == Size(1280, 720)


def test_a_rung_that_saves_too_little_is_left_out() -> None:
    kept = choose_rungs(Size(1920, 1080), 1_200_000, LADDER)
    assert [rung.name for rung in kept] == ["1080p", "360p"]
    assert [r.name for r in choose_rungs(Size(1920, 1080), 300_000, LADDER)] == ["1080p"]


def test_a_frugal_codec_hides_what_its_rungs_in_h264_will_need() -> None:
    rate = rate_as_h264(1_600_000, "av1")
    assert rate == 3_520_000
    assert rate_as_h264(1_600_000, "h264") == 1_600_000
    names = [rung.name for rung in choose_rungs(Size(1920, 1080), rate, LADDER)]
    assert names == ["1080p", "720p", "480p", "360p"]
    assert [r.name for r in choose_rungs(Size(1920, 1080), 1_600_000, LADDER)] != names


def test_large_pictures_get_better_sound() -> None:
    assert audio_bitrate(choose_rungs(Size(2560, 1440), None, LADDER)) == 192_000
    assert audio_bitrate(choose_rungs(Size(1920, 1080), None, LADDER)) == 128_000
