"""Which rungs a source gets. Lines and pixels as shown; rates in bits per second."""

from __future__ import annotations

from dataclasses import dataclass

# The caps of the reference's ladder; 240p and 144p are there for whoever asks for them.
CAPS = {
    "2160p": 15_000_000,
    "1440p": 8_000_000,
    "1080p": 5_000_000,
    "720p": 2_500_000,
    "480p": 1_000_000,
    "360p": 600_000,
    "240p": 350_000,
    "144p": 150_000,
}
# What of the H.264 cap another codec gets.
CAP_SHARES = {"hevc": 0.65, "av1": 0.55}

# What H.264 needs for the same SSIM, against the source's own codec: the mean over three clips.
_H264_NEEDS = {"hevc": 1.6, "vp9": 1.6, "av1": 2.2}

# A film of 1920x1038 still has a 1080p rung.
_NEARLY = 0.9
# Scaling by less than this costs sharpness and saves next to nothing.
_KEEP_SIZE_UP_TO = 1.2
# A rung must save at least a quarter of the next one's rate.
_WORTH_IT = 0.75


@dataclass(frozen=True)
class Size:
    """Pixels as shown: after rotation and with square pixels."""

    width: int
    height: int

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)


@dataclass(frozen=True)
class Rung:
    """One encoded size with its highest rate in bits per second."""

    name: str
    size: Size
    max_bitrate: int


def choose_rungs(source: Size, source_bitrate: int | None, names: list[str]) -> list[Rung]:
    """The rungs for a source, best first; never empty, never larger than the source.

    Args:
        source: the picture as shown.
        source_bitrate: of the picture alone, as H.264 would need; None where it is not known.
        names: the ladder that was asked for, such as `["1080p", "720p"]`.
    """
    fitting = sorted(
        (lines_of(name) for name in names if lines_of(name) * _NEARLY <= source.short_side),
        reverse=True,
    )
    if not fitting:
        lowest = min(lines_of(name) for name in names)
        own = Size(even(source.width), even(source.height))
        return [Rung(f"{own.short_side}p", own, CAPS[f"{lowest}p"])]
    rungs: list[Rung] = []
    for lines in fitting:
        rung = Rung(f"{lines}p", _size(source, lines, best=not rungs), CAPS[f"{lines}p"])
        if not rungs or _pays(rung, rungs[-1], source_bitrate):
            rungs.append(rung)
    return rungs


def rung_named(name: str, source: Size) -> Rung | None:
    """A single rung of a source, or None where the source is too small for it."""
    if lines_of(name) * _NEARLY > source.short_side:
        return None
    best = not any(lines_of(name) < lines_of(other) <= source.short_side for other in CAPS)
    return Rung(name, _size(source, lines_of(name), best=best), CAPS[name])


def rate_as_h264(bitrate: int, codec: str) -> int:
    """What a source's rate would be in H.264, in bits per second: rungs are compared in that."""
    return round(bitrate * _H264_NEEDS.get(codec, 1.0))


def lines_of(name: str) -> int:
    """720 for `720p`."""
    return int(name.removesuffix("p"))


def _pays(rung: Rung, above: Rung, source_bitrate: int | None) -> bool:
    if source_bitrate is None:
        return True
    expected = min(rung.max_bitrate, source_bitrate)
    return expected <= _WORTH_IT * min(above.max_bitrate, source_bitrate)


def _size(source: Size, lines: int, *, best: bool) -> Size:
    factor = lines / source.short_side
    if factor >= 1 or (best and source.short_side <= lines * _KEEP_SIZE_UP_TO):
        return Size(even(source.width), even(source.height))
    return Size(even(source.width * factor), even(source.height * factor))


def even(value: float) -> int:
    """The nearest number of pixels that H.264 in 4:2:0 can have."""
    return max(2, 2 * round(value / 2))


def audio_bitrate(rungs: list[Rung]) -> int:
    """192 kbit/s beside large pictures, otherwise 128 kbit/s."""
    return 192_000 if any(lines_of(rung.name) >= 1440 for rung in rungs) else 128_000
