"""The segment grid: one list of cuts for all renditions of a video.

Times are whole frames of the encoded rungs' constant rate, counted on the source's own clock, so
that a part that starts anywhere rounds to the same frames as its neighbours.
"""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

# A last segment shorter than this is joined to the one before.
SHORTEST_SECONDS = 1.0
# Each cut is a number on the command line of ffmpeg, whose length the kernel limits.
MOST_SEGMENTS = 6000


class Grid(BaseModel):
    """Cuts in frames: segment `i` shows frames `cuts[i]` up to, but not with, `cuts[i + 1]`."""

    model_config = ConfigDict(frozen=True)

    rate_numerator: int
    rate_denominator: int
    cuts: tuple[int, ...]

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.rate_numerator, self.rate_denominator)

    @property
    def count(self) -> int:
        """The number of segments."""
        return len(self.cuts) - 1

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the end of the last."""
        return self.seconds(0, self.count)

    def time(self, number: int) -> float:
        """When segment `number` starts on the source's clock; `time(count)` is the end."""
        return float(self.cuts[number] / self.rate)

    def seconds(self, first: int, count: int) -> float:
        """The length of some consecutive segments."""
        return float((self.cuts[first + count] - self.cuts[first]) / self.rate)

    def frames(self, first: int, count: int) -> int:
        """The frames in some consecutive segments."""
        return self.cuts[first + count] - self.cuts[first]

    @property
    def target_duration(self) -> int:
        """EXT-X-TARGETDURATION: no segment is longer when rounded (RFC 8216 4.3.3.1)."""
        return max(1, *(int(self.seconds(number, 1) + 0.5) for number in range(self.count)))


def regular(start: float, end: float, rate: Fraction, segment_seconds: float) -> Grid:
    """A cut every `segment_seconds`, rounded up to whole frames, from `start` to `end`."""
    first, last = round(start * rate), max(round(end * rate), round(start * rate) + 1)
    length = max(segment_seconds, (end - start) / MOST_SEGMENTS)
    step = max(1, -int(-length * rate // 1))
    return _grid(list(range(first, last, step)), last, rate)


def from_keyframes(
    keyframes: tuple[float, ...], end: float, rate: Fraction, segment_seconds: float
) -> Grid:
    """The keyframes nearest to every `segment_seconds`."""
    length = max(segment_seconds, (end - keyframes[0]) / MOST_SEGMENTS)
    cuts = [keyframes[0]]
    wanted = keyframes[0] + length
    while wanted < end:
        cut = _nearest(keyframes, wanted)
        if cut > cuts[-1]:
            cuts.append(cut)
        wanted += length
    return _grid([round(cut * rate) for cut in cuts], round(end * rate), rate)


def _nearest(keyframes: tuple[float, ...], wanted: float) -> float:
    place = bisect_left(keyframes, wanted)
    around = keyframes[max(0, place - 1) : place + 1]
    return min(around, key=lambda keyframe: (round(abs(keyframe - wanted), 3), keyframe))


def _grid(cuts: list[int], end: int, rate: Fraction) -> Grid:
    if len(cuts) > 1 and (end - cuts[-1]) / rate < SHORTEST_SECONDS:
        cuts.pop()
    return Grid(
        rate_numerator=rate.numerator,
        rate_denominator=rate.denominator,
        cuts=(*cuts, max(end, cuts[-1] + 1)),
    )
