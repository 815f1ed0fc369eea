"""Whatever comes in, its colours, its shape and every frame of it come out."""

from __future__ import annotations

import asyncio
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.sources import ffmpeg
from tests.transcoding.conftest import Bench, MakeBench
from vlog.database.schema import Video

# Grey, skin, and the three primaries, as RGB in BT.709.
PATCHES = ((128, 128, 128), (198, 140, 113), (255, 0, 0), (0, 255, 0), (0, 0, 255))
_SIDE = 64
_QUICK = ("-preset", "ultrafast")
_TO_BT601 = "scale=out_color_matrix=smpte170m,setparams=colorspace=smpte170m,format=yuv420p"
_BACK_TO_HDR = (
    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020,"
    "zscale=t={transfer}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le"
)


def _patches(target: Path, filters: str, *encoder: str) -> Path:
    """A still row of patches for a second, as BT.709 until `filters` change that."""
    inputs: list[str] = []
    for red, green, blue in PATCHES:
        colour = f"0x{red:02x}{green:02x}{blue:02x}"
        inputs += ["-f", "lavfi", "-i", f"color=c={colour}:s={_SIDE}x{3 * _SIDE}:d=1:r=25"]
    row = "".join(f"[{number}]" for number in range(len(PATCHES))) + f"hstack={len(PATCHES)}"
    tagged = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    graph = f"{row},scale=out_color_matrix=bt709:out_range=tv,format=yuv444p,{tagged},{filters}"
    ffmpeg(*inputs, "-filter_complex", graph, *encoder, target)
    return target


def _hdr(target: Path, transfer: str) -> Path:
    tags = f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    filters = _BACK_TO_HDR.format(transfer=transfer)
    return _patches(target, filters, "-c:v", "libx265", *_QUICK, "-x265-params", tags)


async def _made(bench: Bench, source: Path) -> tuple[Video, Path]:
    video = await bench.add(source)
    video = await bench.until(video.id, "ready")
    folder = bench.storage.video_folder(video.slug)
    best = (await bench.renditions(video.id))[0]
    return video, folder / f"{best.name}.m3u8"


async def _picture(playlist: Path, size: tuple[int, int]) -> bytes:
    """The first frame as RGB, read as BT.709."""
    command = [
        *("ffmpeg", "-v", "error", "-allowed_extensions", "ALL", "-i", str(playlist)),
        *("-vf", f"scale={size[0]}:{size[1]}:in_color_matrix=bt709:in_range=tv:flags=area"),
        *("-pix_fmt", "rgb24", "-frames:v", "1", "-f", "rawvideo", "-"),
    ]
    return (
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    ).stdout


async def _colours(playlist: Path) -> list[tuple[int, int, int]]:
    """The middle of each patch."""
    width = 9 * len(PATCHES)
    data = await _picture(playlist, (width, 9))
    middles = (4 * width + 9 * number + 4 for number in range(len(PATCHES)))
    return [(data[3 * at], data[3 * at + 1], data[3 * at + 2]) for at in middles]


@pytest.mark.parametrize(
    ("name", "filters", "encoder"),
    [
        ("full.mp4", "scale=out_range=pc,format=yuvj420p", ("-c:v", "libx264", *_QUICK)),
        ("444.mkv", "format=yuv444p", ("-c:v", "libx264", *_QUICK)),
        ("422-10.mov", "format=yuv422p10le", ("-c:v", "prores_ks")),
        ("bt601.mp4", _TO_BT601, ("-c:v", "libx264", *_QUICK)),
        ("solid.mov", "format=yuva444p10le", ("-c:v", "prores_ks", "-profile:v", "4444")),
    ],
)
async def test_colours_come_out_as_they_came_in(
    make_bench: MakeBench, tmp_path: Path, name: str, filters: str, encoder: tuple[str, ...]
) -> None:
    source = _patches(tmp_path / name, filters, *encoder)
    _, playlist = await _made(make_bench(), source)
    for found, wanted in zip(await _colours(playlist), PATCHES, strict=True):
        assert found == pytest.approx(wanted, abs=8)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
async def test_a_high_dynamic_range_keeps_its_hues_and_its_middle(
    make_bench: MakeBench, tmp_path: Path, transfer: str
) -> None:
    _, playlist = await _made(make_bench(), _hdr(tmp_path / "hdr.mkv", transfer))
    grey, skin, red, green, blue = await _colours(playlist)
    assert grey == pytest.approx(PATCHES[0], abs=8)
    assert skin == pytest.approx(PATCHES[1], abs=8)
    for found, strong in ((red, 0), (green, 1), (blue, 2)):
        assert found[strong] > 200
        assert all(value < 40 for place, value in enumerate(found) if place != strong)
    said = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-select_streams", "v", "-of", "csv=p=0"),
            *("-show_entries", "stream=pix_fmt,color_range,color_space,color_transfer"),
            str(playlist.with_name(f"{playlist.stem}_0000.ts")),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.split()[0] == "yuv420p,tv,bt709,bt709"


async def test_what_is_transparent_is_shown_on_black(make_bench: MakeBench, tmp_path: Path) -> None:
    source = tmp_path / "alpha.mov"
    _patches(
        source,
        "format=yuva444p10le,colorchannelmixer=aa=0.5,format=yuva444p10le",
        *("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"),
    )
    _, playlist = await _made(make_bench(), source)
    grey = (await _colours(playlist))[0]
    assert grey == pytest.approx((64, 64, 64), abs=8)


# The muxer takes degrees against the clock: the mark at the top left goes to the bottom left first.
@pytest.mark.parametrize(("degrees", "corner"), [(90, 2), (180, 3), (270, 1)])
async def test_a_phone_that_was_turned_shows_its_picture_upright(
    make_bench: MakeBench, tmp_path: Path, degrees: int, corner: int
) -> None:
    flat, source = tmp_path / "flat.mp4", tmp_path / "turned.mp4"
    mark = "drawbox=x=0:y=0:w=160:h=90:c=white:t=fill"
    ffmpeg("-f", "lavfi", "-i", f"color=black:s=320x180:d=1:r=25,{mark}", "-c:v", "mpeg4", flat)
    ffmpeg("-i", flat, "-c", "copy", "-metadata:s:v:0", f"rotate={degrees}", source)
    video, playlist = await _made(make_bench(), source)
    turned = degrees != 180
    assert (video.source_width, video.source_height) == ((180, 320) if turned else (320, 180))
    data = await _picture(playlist, (2, 2))
    # The corners in reading order.
    assert [data[3 * place] > 128 for place in range(4)].index(True) == corner


async def test_pixels_that_are_not_square_are_stretched(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    source = tmp_path / "wide.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=240x180:d=1:r=25", "-vf", "setsar=4/3"),
        *("-c:v", "mpeg4", source),
    )
    bench = make_bench(ladder=("144p",))
    await _made(bench, source)
    best = (await bench.renditions(1))[0]
    assert (best.width, best.height) == (256, 144)


async def test_fields_are_put_together_without_combs(make_bench: MakeBench, tmp_path: Path) -> None:
    source = tmp_path / "fields.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "nullsrc=s=320x180:d=1:r=50,geq=lum='255*lt(mod(X+T*400,80),20)'"),
        *("-vf", "tinterlace=interleave_top,fieldorder=tff", "-flags", "+ilme+ildct"),
        *("-c:v", "libx264", *_QUICK, "-x264opts", "interlaced=1:tff=1", "-pix_fmt", "yuv420p"),
        source,
    )
    _, playlist = await _made(make_bench(ladder=("144p",)), source)
    data = await _picture(playlist, (256, 144))
    rows = [data[3 * 256 * row : 3 * 256 * (row + 1) : 3] for row in range(144)]
    combs = sum(
        abs(rows[row][x] - rows[row + 1][x]) > 100 and abs(rows[row][x] - rows[row + 2][x]) < 40
        for row in range(40, 100)
        for x in range(256)
    )
    assert combs < 60 * 256 * 0.01


def _frames(playlist: Path) -> list[float]:
    said = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-allowed_extensions", "ALL", "-f", "hls"),
            *("-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0"),
            str(playlist),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(float(line.strip(",")) for line in said.split())


async def test_a_recording_of_a_screen_that_stands_still_has_all_its_frames(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    source = tmp_path / "still.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:r=10:d=20"),
        *("-vf", "select='lt(t,2)+gt(t,14)'", "-vsync", "vfr", "-g", "30", "-c:v", "libx264"),
        *(*_QUICK, source),
    )
    _, playlist = await _made(make_bench(ladder=("144p",), segment_seconds=2), source)
    times = _frames(playlist)
    assert len(times) == 200
    assert max(b - a for a, b in pairwise(times)) == pytest.approx(0.1, abs=0.001)


async def test_a_damaged_end_is_shown_as_its_last_good_picture(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    source = tmp_path / "damaged.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:r=25:d=4", "-c:v", "libx264", *_QUICK),
        *("-g", "50", "-bf", "2", "-movflags", "faststart", source),
    )
    data = source.read_bytes()
    source.write_bytes(data[:-9000] + bytes(9000))
    _, playlist = await _made(make_bench(ladder=("144p",)), source)
    assert len(_frames(playlist)) == 100


async def test_a_source_that_was_cut_without_encoding_begins_where_its_edit_list_says(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    whole, source = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:r=25:d=8", "-c:v", "libx264"),
        *("-preset", "veryfast", "-g", "50", "-bf", "2", whole),
    )
    ffmpeg("-ss", "3.3", "-i", whole, "-c", "copy", source)
    video, playlist = await _made(make_bench(ladder=("144p",)), source)
    times = _frames(playlist)
    assert video.duration == pytest.approx(8 - 3.3, abs=0.1)
    assert len(times) == round((video.duration or 0) * 25)
    assert times[0] - 10 == pytest.approx(0.0, abs=0.04)
