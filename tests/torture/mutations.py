"""Thousands of broken files through probe and plan: no crash, no hang, no file elsewhere."""

from __future__ import annotations

import asyncio
import random
import resource
import time
from collections import Counter
from pathlib import Path

from tests.mutants import mutant, seeds
from tests.transcoding.looking import look
from vlog.errors import VLogError

_LONGEST_SECONDS = 40.0
_MOST_MEBIBYTES = 1024


def torture_with_mutations(folder: Path, seed: int, count: int) -> list[str]:
    """One line for each container."""
    return asyncio.run(_all(folder, seed, count))


async def _all(folder: Path, seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    lines = []
    for original in seeds(folder):
        outcomes, slowest = await _of(original, chance, count // 4)
        text = ", ".join(f"{how} {many}" for how, many in sorted(outcomes.items()))
        lines.append(f"mutants of {original.name:<10} {text}; slowest {slowest:.1f} s")
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert most < _MOST_MEBIBYTES, f"a tool took {most:.0f} MiB"
    lines.append(f"the most memory that a tool took: {most:.0f} MiB")
    return lines


async def _of(original: Path, chance: random.Random, count: int) -> tuple[Counter[str], float]:
    """How so many mutants of one file fared, and the seconds of the slowest."""
    content = original.read_bytes()
    place = original.parent / original.name.replace(".", "-")
    place.mkdir()
    path, listing = place / "mutant", place / "packets.csv"
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for _ in range(count):
        path.write_bytes(mutant(content, chance))
        started = time.monotonic()
        try:
            await _look_in_time(path, listing)
            outcomes["planned"] += 1
        except VLogError as error:
            outcomes["refused" if error.status < 500 else error.code] += 1
        except Exception:
            kept = original.parent.parent / f"broke-{original.name}"
            kept.write_bytes(path.read_bytes())
            print(f"kept in {kept}", flush=True)
            raise
        slowest = max(slowest, time.monotonic() - started)
        assert {*place.iterdir()} <= {path, listing}
    return outcomes, slowest


async def _look_in_time(path: Path, listing: Path) -> None:
    """Raises TimeoutError where it took too long twice: once, the machine may have stood still."""
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            await look(path, listing)
    except TimeoutError:
        async with asyncio.timeout(_LONGEST_SECONDS):
            await look(path, listing)
