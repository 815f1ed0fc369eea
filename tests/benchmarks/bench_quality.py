"""Bytes for each rung at equal quality: our parts beside one plain run over the whole file."""

from __future__ import annotations

import math
import re
import subprocess
from itertools import pairwise
from pathlib import Path

from tests.benchmarks import sources, table
from tests.benchmarks.serving import PRESET, server

_SECONDS = 60
_RUNGS = (("720p", 720, 2500), ("480p", 480, 1000), ("360p", 360, 600))
# The plain run is made better and worse, so that its size at just our quality lies in between:
# by its quality where the picture decides its rate, and by the cap where that does.
_VARIANTS = ((21, 1.25), (23, 1.0), (25, 0.8))


def bench(folder: Path) -> None:
    """Print the bytes of each rung, and a plain encode's at the same SSIM."""
    source = sources.foreign(folder, _SECONDS)
    names = ",".join(name for name, _, _ in _RUNGS)
    with server(folder, VLOG_TRANSCODING__LADDER=names) as running:
        video_id = running.upload(source, title="quality").json()["id"]
        running.wait_until(video_id, "ready", 3600)
        place = running.data / "videos" / "quality"
        for name, lines, rate in _RUNGS:
            joined = folder / f"ours-{name}.ts"
            with joined.open("wb") as whole:
                for segment in sorted(place.glob(f"{name}_*.ts")):
                    whole.write(segment.read_bytes())
            ours = joined.stat().st_size, _ssim(source, joined, lines)
            plain = [_plain(folder, source, lines, crf, rate * share) for crf, share in _VARIANTS]
            table.compare(
                f"bytes of {name} at equal SSIM ({ours[1]:.4f}) (MB)",
                ours[0] / 1e6,
                _at(ours[1], plain) / 1e6,
                "about 1",
            )


def _plain(folder: Path, source: Path, lines: int, crf: int, rate: float) -> tuple[int, float]:
    target = folder / f"plain-{lines}-{crf}.ts"
    subprocess.run(
        [
            *(*sources.QUIET, "-i", str(source), "-map", "0:v"),
            *("-vf", f"scale=-2:{lines}:flags=bicubic"),
            *("-c:v", "libx264", "-preset", PRESET, "-crf", str(crf)),
            *("-maxrate", f"{rate:.0f}k", "-bufsize", f"{2 * rate:.0f}k", str(target)),
        ],
        check=True,
    )
    return target.stat().st_size, _ssim(source, target, lines)


def _ssim(source: Path, encoded: Path, lines: int) -> float:
    graph = (
        f"[0:v]settb=1/25,setpts=N,scale=-2:{lines}:flags=bicubic,format=yuv420p[a];"
        "[1:v]settb=1/25,setpts=N,format=yuv420p[b];[a][b]ssim"
    )
    command = ["ffmpeg", "-nostdin", "-i", str(source), "-i", str(encoded)]
    said = subprocess.run(
        [*command, "-lavfi", graph, "-f", "null", "-"], check=True, capture_output=True, text=True
    ).stderr
    found = re.search(r"SSIM .*All:([0-9.]+)", said)
    assert found, said
    return float(found[1])


def _at(quality: float, plain: list[tuple[int, float]]) -> float:
    """The size of a plain encode with just this quality, between the nearest two."""
    points = sorted((found, math.log(size)) for size, found in plain)
    for (low, low_size), (high, high_size) in pairwise(points):
        if quality <= high or (high, high_size) == points[-1]:
            share = (quality - low) / (high - low) if high > low else 0.0
            return math.exp(low_size + share * (high_size - low_size))
    return math.exp(points[0][1])
