"""Broken media: small real files, and what chance makes of them."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=64x36:rate=10:duration=3")
_SOUND = ("-f", "lavfi", "-i", "sine=duration=3")
_SEEDS = {
    "seed.mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-c:a", "aac"),
    "seed.mkv": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "libopus"),
    "seed.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"),
    "seed.ts": ("-c:v", "mpeg2video", "-c:a", "mp2"),
}
_LARGEST_BITE = 4096


def seeds(folder: Path) -> list[Path]:
    """One small whole file of each container."""
    made = []
    for name, encoders in _SEEDS.items():
        target = folder / name
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *_PICTURE, *_SOUND, *encoders]
        # Nothing in the files says when they were made, so that a seed means the same mutants.
        command += ["-pix_fmt", "yuv420p", "-fflags", "+bitexact", "-map_metadata", "-1"]
        subprocess.run([*command, str(target)], check=True, timeout=60)
        made.append(target)
    return made


def mutant(content: bytes, chance: random.Random) -> bytes:
    """A file with one to eight faults in it."""
    broken = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        if broken:
            chance.choice(_FAULTS)(broken, chance)
    return bytes(broken)


def _place(content: bytearray, chance: random.Random) -> int:
    # Half of the faults go into the first kilobytes, where containers say what they are.
    end = len(content) if chance.random() < 0.5 else min(len(content), _LARGEST_BITE)
    return chance.randrange(end)


def _flip(content: bytearray, chance: random.Random) -> None:
    content[_place(content, chance)] ^= 1 << chance.randrange(8)


def _extreme(content: bytearray, chance: random.Random) -> None:
    """A length, a count or a time that is as large, or as small, as it can be."""
    size = chance.choice((1, 2, 4, 8))
    value = chance.choice((0, 1, 2 ** (8 * size - 1) - 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1))
    place = _place(content, chance)
    content[place : place + size] = value.to_bytes(size, "big")[: len(content) - place]


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[_place(content, chance) :]


def _lose(content: bytearray, chance: random.Random) -> None:
    place = _place(content, chance)
    del content[place : place + chance.randrange(1, _LARGEST_BITE)]


def _repeat(content: bytearray, chance: random.Random) -> None:
    place = _place(content, chance)
    content[place:place] = content[place : place + chance.randrange(1, _LARGEST_BITE)]


def _noise(content: bytearray, chance: random.Random) -> None:
    place = _place(content, chance)
    size = min(chance.randrange(1, 64), len(content) - place)
    content[place : place + size] = chance.randbytes(size)


def _swap(content: bytearray, chance: random.Random) -> None:
    first, second = sorted((_place(content, chance), _place(content, chance)))
    size = min(chance.randrange(1, 512), second - first, len(content) - second)
    if size > 0:
        kept = content[first : first + size]
        content[first : first + size] = content[second : second + size]
        content[second : second + size] = kept


_FAULTS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip, _extreme, _extreme, _cut),
    *(_lose, _repeat, _noise, _swap),
)
