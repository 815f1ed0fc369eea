"""What a scan over all packets says of a stream: pure functions over their times. Seconds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

# mkv stores whole milliseconds, so even a constant rate shows steps that differ by one.
_ROUNDING = 0.0015
# A screen recorder writes nothing while nothing moves. A part that begins or ends in there must
# read on to the pictures around it.
STILL_SECONDS = 2.0


@dataclass(frozen=True)
class Packet:
    """One packet in the order of the file. Times in seconds, size in bytes."""

    time: float
    duration: float
    size: int
    key: bool
    discarded: bool = False


@dataclass(frozen=True)
class StreamScan:
    """A stream seen whole. `keyframes` are seconds; `bitrate` is bits per second.

    `start` and `end` are of what an edit list lets be seen. `last` is when the last picture starts,
    `stills` are from when to when nothing moves for long.
    """

    packets: int
    start: float
    end: float
    bitrate: int
    step: float
    constant_rate: bool
    closed_gops: bool
    discarded: int
    keyframes: tuple[float, ...]
    last: float = 0.0
    stills: tuple[tuple[float, float], ...] = ()


def scan(packets: list[Packet]) -> StreamScan | None:
    """Sum up the packets of one stream; None where there is none with a time."""
    shown = [packet for packet in packets if not packet.discarded] or packets
    if not shown:
        return None
    times = sorted(packet.time for packet in shown)
    steps = sorted(after - before for before, after in pairwise(times))
    step = steps[len(steps) // 2] if steps else packets[0].duration
    constant = not steps or (
        max(abs(steps[0] - step), abs(steps[-1] - step)) <= max(_ROUNDING, 0.02 * step)
    )
    if constant and steps:
        step = (times[-1] - times[0]) / len(steps)
    last = max(shown, key=lambda packet: packet.time)
    start, end = times[0], last.time + (last.duration or step)
    span = end - start
    size = sum(packet.size for packet in packets)
    return StreamScan(
        packets=len(packets),
        start=start,
        end=end,
        bitrate=round(size * 8 / span) if span > 0 else 0,
        step=step,
        constant_rate=constant,
        closed_gops=_closed(packets),
        discarded=sum(packet.discarded for packet in packets),
        keyframes=tuple(sorted(packet.time for packet in shown if packet.key)),
        last=last.time,
        stills=tuple((a, b) for a, b in pairwise(times) if b - a > STILL_SECONDS),
    )


def _closed(packets: list[Packet]) -> bool:
    """Whether no picture is shown before the keyframe that precedes it in the file."""
    if not packets[0].key:
        return False
    shown_from = packets[0].time
    for packet in packets:
        if packet.key:
            shown_from = packet.time
        elif packet.time < shown_from:
            return False
    return True


_USUAL = [
    *(Fraction(rate) for rate in (10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120, 240)),
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120)),
    Fraction(25, 2),
]
_HIGHEST_RATE, _LOWEST_RATE = 60, Fraction(1, 1001)


def nominal_rate(named: Fraction | None, step: float, *, constant: bool) -> Fraction:
    """The one constant rate of the encoded rungs, in frames a second, about 60 at most.

    Args:
        named: the average rate that the container gives, if it gives one.
        step: the usual seconds between two frames.
        constant: whether all frames keep that distance.
    """
    rate = Fraction(1 / step).limit_denominator(1001) if step > 0 else (named or Fraction(25))
    # A slide may stand for an hour.
    rate = max(rate, _LOWEST_RATE)
    if constant and named and abs(named - rate) / rate < Fraction(1, 1000):
        rate = named.limit_denominator(100_000)
    nearest = min(_USUAL, key=lambda usual: abs(usual - rate))
    # A constant rate is what it measures. With a variable one the step is a rounded guess.
    if abs(nearest - rate) / rate < (Fraction(1, 5000) if constant else Fraction(1, 40)):
        rate = nearest
    while rate > _HIGHEST_RATE + Fraction(1, 2):
        rate /= 2
    return max(rate, Fraction(1))
