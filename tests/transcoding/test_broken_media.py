"""Files that are broken, or made to hurt: a clear answer in bounded time and memory."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import mutant, seeds
from tests.transcoding.looking import look
from vlog.errors import NotAVideo, VLogError
from vlog.process.child_limits import limited
from vlog.transcoding.process import ProcessFailed, Watch, run

_MUTANTS = 24


async def test_what_chance_makes_of_a_file_is_planned_or_refused(tmp_path: Path) -> None:
    """A few here; `make torture` has ten thousand."""
    chance = random.Random(2061)
    originals = [path.read_bytes() for path in seeds(tmp_path)]
    path, listing = tmp_path / "mutant", tmp_path / "packets.csv"
    known = {*tmp_path.iterdir(), path, listing}
    outcomes = {"planned": 0, "refused": 0}
    for number in range(_MUTANTS):
        path.write_bytes(mutant(originals[number % len(originals)], chance))
        try:
            await look(path, listing)
            outcomes["planned"] += 1
        except VLogError:
            outcomes["refused"] += 1
    # A mutation that changes nothing, or breaks all, would show nothing.
    assert min(outcomes.values()) > 0
    assert set(tmp_path.iterdir()) <= known


def _make(path: Path, *arguments: str) -> Path:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


async def test_a_picture_of_twelve_thousand_lines_is_refused(tmp_path: Path) -> None:
    huge = _make(
        tmp_path / "huge.mkv",
        *("-f", "lavfi", "-i", "color=size=12000x12000:rate=1:duration=1", "-c:v", "mjpeg"),
    )
    assert huge.stat().st_size < 10_000_000
    with pytest.raises(NotAVideo, match="too large: 12000 x 12000"):
        await look(huge, tmp_path / "packets.csv")


async def test_a_thousand_hours_in_a_few_bytes_are_refused(tmp_path: Path) -> None:
    endless = _make(
        tmp_path / "endless.mkv",
        *("-f", "lavfi", "-i", "color=size=16x16:rate=1:duration=2", "-c:v", "mjpeg"),
        *("-fps_mode", "passthrough", "-vf", "setpts=N*3600000/TB"),
    )
    with pytest.raises(NotAVideo, match="hours"):
        await look(endless, tmp_path / "packets.csv")


async def test_ten_hours_of_one_pixel_have_a_plan(tmp_path: Path) -> None:
    tiny = _make(
        tmp_path / "tiny.mkv",
        *("-f", "lavfi", "-i", "color=size=2x2:rate=1/60:duration=36000", "-c:v", "ffv1"),
        *("-vf", "crop=1:1:exact=1", "-pix_fmt", "gray"),
    )
    plan = await look(tiny, tmp_path / "packets.csv")
    assert plan.grid.duration == pytest.approx(36000, abs=61)
    assert [(rung.width % 2, rung.height % 2) for rung in plan.rungs] == [(0, 0)]


async def test_of_a_thousand_streams_some_are_taken(tmp_path: Path) -> None:
    many = _make(
        tmp_path / "many.mkv",
        *("-f", "lavfi", "-i", "sine=duration=0.05", *(("-map", "0") * 1000), "-c:a", "pcm_u8"),
    )
    plan = await look(many, tmp_path / "packets.csv")
    assert 1 < len(plan.audios) < 100


def _nested(depth: int) -> bytes:
    return b"".join((8 * left).to_bytes(4, "big") + b"moov" for left in range(depth, 0, -1))


_FTYP = b"\0\0\0\x10ftypisom\0\0\0\0"
_EBML = bytes.fromhex("1a45dfa3 84 4286 81 01 18538067 01 ff ff ff ff ff ff ff")


@pytest.mark.parametrize(
    "content",
    [
        _FTYP + b"\0\0\0\x08free" * 200_000,
        _FTYP + _nested(50_000) + b"\0\0\0\x08mdat",
        _FTYP + b"\0\0\0\x01free\0\0\0\0\0\0\0\x10" * 100_000 + b"\0\0\0\x08moov\0\0\0\x08mdat",
        _EBML + b"\xec\x80" * 500_000,
        _EBML + b"\x15\x49\xa9\x66\x01\xff\xff\xff\xff\xff\xff\xff" * 50_000,
        (b"G" + bytes(187)) * 20_000,
        b"RIFF\xff\xff\xff\xffAVI " + b"LIST\0\0\0\x04hdrl" * 100_000,
        b"OggS" * 300_000,
    ],
)
async def test_headers_without_an_end_come_to_one(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "endless"
    file.write_bytes(content)
    with pytest.raises(NotAVideo):
        async with asyncio.timeout(20):
            await look(file, tmp_path / "packets.csv")


def test_a_tool_that_takes_too_much_memory_is_refused_it() -> None:
    greedy = [*limited(200_000_000), sys.executable, "-c", "bytearray(500_000_000)"]
    said = subprocess.run(greedy, capture_output=True, text=True, check=False, timeout=30)
    assert said.returncode == 1
    assert "MemoryError" in said.stderr


def test_a_tool_that_works_for_ever_is_ended() -> None:
    busy = [*limited(2**30, cpu_seconds=1), sys.executable, "-c", "while True: pass"]
    said = subprocess.run(busy, capture_output=True, check=False, timeout=30)
    assert said.returncode < 0


async def test_encoders_run_within_limits_too() -> None:
    program = (
        "import resource, sys\n"
        "core = resource.getrlimit(resource.RLIMIT_CORE)\n"
        "data = resource.getrlimit(resource.RLIMIT_DATA)\n"
        "sys.exit(3 if core == (0, 0) and data[0] > 0 else 4)\n"
    )
    with pytest.raises(ProcessFailed, match="code 3"):
        await run([sys.executable, "-c", program], Watch(stall_seconds=20))
