"""What was really watched: the claims of a player, cut down to what can be true. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# From one second of the video to another, in seconds from its start.
Stretch = tuple[float, float]

MOST_STRETCHES = 200
# Whoever claims to watch faster is believed up to this speed.
FASTEST = 2.0
# The first seconds are played while the request that begins the viewing is still on its way.
TOLERANCE_SECONDS = 2.0
VIEW_SECONDS = 10.0
PLAY_SECONDS = 1.0
COMPLETE_SHARE = 0.9
MOST_PIECES = 200
LONGEST_STARTUP_MS = 120_000


@dataclass(frozen=True)
class Claim:
    """What a player says of one viewing so far, all of it since the viewing began.

    `sequence` grows with each claim. Without `ranges` (as in order of play) the player says only
    where it is. `rate` is the highest speed that was used.
    """

    sequence: int | None = None
    ranges: Sequence[Stretch] | None = None
    position: float | None = None
    playing: bool = True
    quality: str | None = None
    rate: float = 1.0
    startup_ms: int | None = None
    stall_count: int = 0
    stall_ms: int = 0
    rung_seconds: Mapping[str, float] = field(default_factory=dict)
    errors: int = 0


@dataclass(frozen=True)
class Believed:
    """What is left of a claim."""

    stretches: list[Stretch]
    duration_watched: float
    max_position: float
    completed: bool
    quality_used: str | None
    rung_seconds: dict[str, float]
    startup_ms: int | None
    stall_count: int
    stall_ms: int
    error_count: int


def judge(
    claim: Claim,
    *,
    known: Sequence[Stretch],
    duration: float,
    elapsed: float,
    rungs: Iterable[str],
) -> Believed:
    """What can be true of a claim.

    Args:
        claim: what the player says.
        known: the stretches that were believed before.
        duration: seconds of the video.
        elapsed: seconds by our own clock since the viewing began.
        rungs: the renditions that the video has.
    """
    elapsed = max(0.0, elapsed)
    budget = elapsed * min(max(claim.rate, 1.0), FASTEST) + TOLERANCE_SECONDS
    wished = _followed(known, claim) if claim.ranges is None else claim.ranges
    stretches = believable(wished, duration, budget)
    watched = seconds_of(merged(stretches))
    stall_ms = _between(claim.stall_ms, int(elapsed * 1000))
    rung_seconds = _rung_seconds(claim.rung_seconds, set(rungs), elapsed + TOLERANCE_SECONDS)
    quality = claim.quality if claim.quality in set(rungs) else None
    return Believed(
        stretches=stretches,
        duration_watched=watched,
        max_position=max((end for _, end in stretches), default=0.0),
        completed=is_complete(watched, duration),
        quality_used=quality,
        rung_seconds=rung_seconds,
        startup_ms=None
        if claim.startup_ms is None
        else _between(claim.startup_ms, LONGEST_STARTUP_MS),
        # Nobody waits more often than twice a second.
        stall_count=_between(claim.stall_count, int(elapsed * 2) + 1),
        stall_ms=stall_ms,
        error_count=_between(claim.errors, int(elapsed) + 1),
    )


def _between(value: int, most: int) -> int:
    return max(0, min(value, most))


def _rung_seconds(claimed: Mapping[str, float], known: set[str], most: float) -> dict[str, float]:
    found = {name: max(0.0, seconds) for name, seconds in claimed.items() if name in known}
    total = math.fsum(found.values())
    scale = min(1.0, most / total) if total > 0 else 1.0
    return {name: round(seconds * scale, 3) for name, seconds in found.items() if seconds > 0}


def _followed(known: Sequence[Stretch], claim: Claim) -> list[Stretch]:
    """The stretches of a player that says only where it is: an empty one marks the place."""
    if claim.position is None:
        return list(known)
    last = known[-1][1] if known else 0.0
    stretches = [stretch for stretch in known if stretch[1] > stretch[0]]
    if not claim.playing or not last < claim.position:
        return [*stretches, (claim.position, claim.position)]
    if stretches and stretches[-1][1] == last:
        return [*stretches[:-1], (stretches[-1][0], claim.position)]
    return [*stretches, (last, claim.position)]


def believable(stretches: Iterable[Stretch], duration: float, budget: float) -> list[Stretch]:
    """Inside the video and, in order of play, no longer together than `budget` seconds."""
    found: list[Stretch] = []
    left = budget
    for start, end in stretches:
        first, last = max(0.0, start), min(end, duration)
        last = min(last, first + left)
        if first > duration or last < first or len(found) == MOST_STRETCHES:
            continue
        left -= last - first
        found.append((round(first, 3), round(last, 3)))
    return found


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same seconds in order, none of them twice."""
    found: list[Stretch] = []
    for start, end in sorted(stretch for stretch in stretches if stretch[1] > stretch[0]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def seconds_of(stretches: Iterable[Stretch]) -> float:
    """How long stretches are together."""
    return round(math.fsum(end - start for start, end in stretches), 3)


def is_play(watched: float, duration: float) -> bool:
    """Whether so much counts for the averages: a second, or half of a shorter video."""
    return watched >= min(PLAY_SECONDS, duration / 2) > 0


def is_view(watched: float, duration: float) -> bool:
    """Whether so much is a view: ten seconds, or half of a shorter video."""
    return watched >= min(VIEW_SECONDS, duration / 2) > 0


def is_complete(watched: float, duration: float) -> bool:
    """Whether so much is the video: nine tenths of it, wherever they lie."""
    return duration > 0 and watched >= COMPLETE_SHARE * duration


def pieces_of(duration: float) -> int:
    """In how many pieces a video is cut for its curves: of a second, or two hundred."""
    return min(MOST_PIECES, max(1, math.ceil(duration)))


def spread(stretches: Iterable[Stretch], duration: float, pieces: int) -> list[int]:
    """Milliseconds that stretches have in each piece of a video."""
    edges = [round(1000 * duration * number / pieces) for number in range(pieces + 1)]
    found = [0] * pieces
    for start, end in stretches:
        first, last = round(start * 1000), min(round(end * 1000), edges[-1])
        number = min(pieces - 1, int(start / duration * pieces)) if duration > 0 else 0
        # Rounding may have put the edge on the other side of the start.
        number = max(0, number - 1)
        while number < pieces and edges[number] < last:
            found[number] += max(0, min(last, edges[number + 1]) - max(first, edges[number]))
            number += 1
    return found


def piece_lengths(duration: float, pieces: int) -> list[int]:
    """Milliseconds of each piece."""
    return spread([(0.0, duration)], duration, pieces)


def two_figures(milliseconds: int) -> int:
    """1234 -> 1200, so that a count by milliseconds stays short."""
    step: int = 10 ** max(0, len(str(milliseconds)) - 2)
    return (milliseconds + step // 2) // step * step


def percentile(counts: Mapping[str, int], share: float) -> int | None:
    """The value below or at which `share` of all lie (nearest rank), out of counts by value."""
    total = sum(counts.values())
    if total == 0:
        return None
    rank = max(1, math.ceil(share * total))
    for value, count in sorted((int(value), count) for value, count in counts.items()):
        rank -= count
        if rank <= 0:
            return value
    raise AssertionError("unreachable: the ranks add up to the total")
