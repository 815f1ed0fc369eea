"""fMP4 segments and rungs in HEVC and AV1: the same grid, the same frames, one header a rung."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.conftest import MakeSource
from tests.end_to_end.streams import header_of, join, packets, segments_of
from tests.transcoding.conftest import Bench, MakeBench
from vlog.transcoding.fragments import is_fragment

COPYABLE = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "34", "-g", "50", "-bf", "2")
FOREIGN = ("-c:v", "mpeg4", "-q:v", "5", "-bf", "2", "-g", "30")


def _folder(bench: Bench, slug: str) -> Path:
    return bench.storage.video_folder(slug)


@pytest.mark.parametrize(
    ("name", "rate", "video", "codecs"),
    [
        ("copied.mp4", "25", COPYABLE, ["h264"]),
        ("ntsc.mkv", "30000/1001", FOREIGN, ["h264", "hevc", "av1"]),
    ],
)
async def test_every_fmp4_rung_is_whole_aligned_and_joins_over_its_parts(
    make_bench: MakeBench,
    make_source: MakeSource,
    tmp_path: Path,
    name: str,
    rate: str,
    video: tuple[str, ...],
    codecs: list[str],
) -> None:
    bench = make_bench(
        segment_format="fmp4",
        codecs=codecs,
        ladder=("240p", "144p"),
        segment_seconds=1,
        parallelism=1,
    )
    film = await bench.add(make_source(name, seconds=6, rate=rate, size="426x240", video=video))
    slug = (await bench.until(film.id, "ready", 100)).slug
    folder, starts = _folder(bench, slug), []
    frames = round(6 * (25 if rate == "25" else 30000 / 1001))
    rungs = await bench.renditions(film.id)
    assert [r.name for r in rungs] == [
        *(
            f"{lines}p{'' if codec == 'h264' else '-' + codec}"
            for codec in codecs
            for lines in (240, 144)
        ),
        "audio",
    ]
    for rung in rungs:
        playlist = (folder / f"{rung.name}.m3u8").read_text()
        assert "#EXT-X-VERSION:7" in playlist
        assert f'#EXT-X-MAP:URI="{rung.name}_init.mp4"' in playlist
        assert header_of(folder, playlist) == rung.init
        for segment in segments_of(playlist):
            assert segment.endswith(".m4s")
            assert is_fragment((folder / segment).read_bytes())
        if rung.kind == "audio":
            continue
        joined = await asyncio.to_thread(join, folder, playlist, tmp_path)
        step = 1 / (25 if rate == "25" else 30000 / 1001)
        assert joined.frames == pytest.approx(frames, abs=1)
        assert joined.first < 0.05
        assert joined.decoding_goes_forward
        assert min(joined.steps) == pytest.approx(step, abs=0.002)
        assert max(joined.steps) == pytest.approx(step, abs=0.002)
        starts.append(joined.starts)
        if not rung.copied:
            assert joined.keyframes == pytest.approx(starts[-1], abs=0.002)
    for others in starts[1:]:
        assert others == pytest.approx(starts[0], abs=0.002)
    sound = (folder / "audio.m3u8").read_text()
    (tmp_path / "sound.mp4").write_bytes(
        header_of(folder, sound) + b"".join((folder / s).read_bytes() for s in segments_of(sound))
    )
    heard = [time for time, _, _ in await asyncio.to_thread(packets, tmp_path / "sound.mp4", "a")]
    assert heard[0] - 10 == pytest.approx(0.0, abs=0.05)
    master = (folder / "master.m3u8").read_text()
    said = re.findall(r'CODECS="(\w+)\.', master)
    known = {"h264": "avc1", "hevc": "hvc1", "av1": "av01"}
    assert said == [known[codec] for codec in codecs for _ in range(2)]


async def test_a_header_that_differs_from_the_published_one_is_refused(
    make_bench: MakeBench, make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vlog.transcoding.commands import part_command as real

    def other_size(*arguments: object) -> list[str]:
        command = real(*arguments)  # type: ignore[arg-type]
        late = arguments[4] != 0
        return [
            part.replace("scale=256:144", "scale=240:136") if late else part for part in command
        ]

    monkeypatch.setattr("vlog.transcoding.work_part.part_command", other_size)
    bench = make_bench(segment_format="fmp4", ladder=("144p",), segment_seconds=2, max_attempts=1)
    film = await bench.add(make_source("differs.mkv", seconds=4, size="256x144", video=FOREIGN))
    video = await bench.until(film.id, "failed")
    assert "not the one that is published" in (video.error_log or "")
    folder = _folder(bench, video.slug)
    assert segments_of((folder / "144p.m3u8").read_text()) == ["144p_0000.m4s"]


async def test_what_the_hardware_cannot_do_goes_on_in_software_without_a_failed_attempt(
    make_bench: MakeBench, make_source: MakeSource
) -> None:
    from vlog.transcoding.encoder_support import Encoders

    bench = make_bench(ladder=("144p",), max_attempts=1)
    bench.workshop._encoders = Encoders(encoder="videotoolbox")
    film = await bench.add(make_source("soft.mkv", seconds=2, size="256x144", video=FOREIGN))
    await bench.until(film.id, "ready")
    assert bench.workshop._in_software == set()
