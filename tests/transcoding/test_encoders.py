"""Command lines of encoders, and which of them are found to work."""

from __future__ import annotations

import asyncio
import os
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import MakeSource
from tests.transcoding.conftest import make_settings
from vlog.settings import Codec, Encoder
from vlog.transcoding import grid as grids
from vlog.transcoding.commands import part_command
from vlog.transcoding.encoder_support import Encoders, find_encoders, trial_command
from vlog.transcoding.encoders import HARDWARE, Encoding
from vlog.transcoding.filters import Branch
from vlog.transcoding.picture_plan import PicturePlan
from vlog.transcoding.plan import Plan, RungPlan


def _plan(*codecs: Codec) -> Plan:
    return Plan(
        container_start=0.0,
        remuxed=False,
        grid=grids.regular(0.0, 4.0, Fraction(25), 1.0),
        rungs=tuple(
            RungPlan(name=f"90p-{c}", width=160, height=90, max_bitrate=200_000, codec=c)
            for c in codecs
        ),
        picture=PicturePlan(
            stream_index=0, interlaced=False, high_dynamic_range=False, color_matrix="bt709"
        ),
        audio=None,
    )


@pytest.mark.parametrize("encoder", HARDWARE)
def test_hardware_gets_the_same_keyframes_and_caps(encoder: Encoder) -> None:
    plan = _plan("h264")
    arguments = part_command(
        plan, Path("film"), Path("staging"), plan.names, 1, 2, Encoding("medium", 1, encoder)
    )
    command = " ".join(arguments)
    assert f"-c:v h264_{encoder} " in command
    assert "libx264" not in command
    assert "-maxrate 200000 -bufsize 400000 -g 9999 -force_key_frames 0.990000,1.990000" in command
    assert ("-vaapi_device" in arguments) is (encoder == "vaapi")
    assert (",format=nv12,hwupload[" in command) is (encoder == "vaapi")
    if encoder == "vaapi":
        assert arguments.index("-vaapi_device") < arguments.index("-i")


def test_other_codecs_stay_with_their_libraries_beside_hardware() -> None:
    plan = _plan("hevc", "av1")
    command = " ".join(
        part_command(plan, Path("film"), Path("s"), plan.names, 0, 1, Encoding("slow", 2, "vaapi"))
    )
    assert "-c:v libx265 -preset slow -forced-idr 1" in command
    assert "-c:v libsvtav1 -preset 6" in command
    assert "hwupload" not in command


async def test_what_is_made_beside_the_rungs_shares_their_decoded_frames(
    make_source: MakeSource, tmp_path: Path
) -> None:
    plan = _plan("h264")
    tiles = Branch(
        label="tiles",
        filters=("fps=1", "scale=80:46", "tile=2x1"),
        output=("-f", "image2", str(tmp_path / "tiles_%d.jpg")),
    )
    command = part_command(
        plan,
        make_source("beside.mp4", seconds=4, size="160x90"),
        tmp_path,
        plan.names,
        0,
        2,
        Encoding("ultrafast", 1),
        (tiles,),
    )
    assert command.count("-i") == 1
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=60)
    assert sorted(path.name for path in tmp_path.glob("*.ts")) == [
        "90p-h264_0000.ts",
        "90p-h264_0001.ts",
    ]
    assert [path.name for path in tmp_path.glob("*.jpg")] == ["tiles_1.jpg"]


def _tool(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


async def test_the_default_needs_no_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _tool(tmp_path, monkeypatch, f"touch {tmp_path}/asked")
    assert await find_encoders(make_settings().transcoding) == Encoders()
    assert not (tmp_path / "asked").exists()


async def test_codecs_that_ffmpeg_has_are_found_by_encoding() -> None:
    wishes = make_settings(segment_format="fmp4", codecs=("h264", "hevc", "av1")).transcoding
    found = await find_encoders(wishes)
    assert found.codecs == ("h264", "hevc", "av1")
    assert found.encoder == "software"


async def test_a_codec_that_ffmpeg_lacks_is_left_out_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _tool(tmp_path, monkeypatch, 'case "$*" in *libsvtav1*) exit 1;; esac')
    wishes = make_settings(segment_format="fmp4", codecs=("h264", "hevc", "av1")).transcoding
    found = await find_encoders(wishes)
    assert found.codecs == ("h264", "hevc")
    assert "cannot encode with libsvtav1" in found.sentences[-1]


@pytest.mark.parametrize(
    ("wish", "works", "found", "said"),
    [
        ("nvenc", "nvenc", "nvenc", "by hardware: nvenc"),
        ("auto", "vaapi", "vaapi", "by hardware: vaapi"),
        ("auto", "nothing", "software", "No hardware encoder works"),
        ("qsv", "nvenc", "software", "qsv does not work here"),
    ],
)
async def test_hardware_is_taken_where_a_real_frame_went_through(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wish: str, works: str, found: str, said: str
) -> None:
    _tool(tmp_path, monkeypatch, f'case "$*" in *h264_{works}*) exit 0;; esac; exit 1')
    result = await find_encoders(make_settings(encoder=wish).transcoding)
    assert result.encoder == found
    assert said in result.sentences[-1]


async def test_a_driver_that_hangs_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("vlog.transcoding.encoder_support._LIMIT_SECONDS", 0.3)
    _tool(tmp_path, monkeypatch, "sleep 600")
    result = await find_encoders(make_settings(encoder="vaapi").transcoding)
    assert result.encoder == "software"


async def test_hardware_that_is_not_here_is_not_believed() -> None:
    assert "h264_videotoolbox" in trial_command("h264", "videotoolbox")
    result = await find_encoders(make_settings(encoder="videotoolbox").transcoding)
    assert result.encoder == "software"
