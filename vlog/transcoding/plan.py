"""The plan of a video: made once, stored, and everything afterwards follows it. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from vlog.ingest.probe_model import Probe, VideoStream, check_length, ratio_of
from vlog.settings import Codec, SegmentFormat
from vlog.transcoding import grid as grids
from vlog.transcoding.copying import NO_COPY, why_not_copied
from vlog.transcoding.grid import Grid
from vlog.transcoding.ladder import (
    CAP_SHARES,
    Rung,
    Size,
    audio_bitrate,
    choose_rungs,
    even,
    rate_as_h264,
)
from vlog.transcoding.packets import StreamScan, nominal_rate
from vlog.transcoding.picture_plan import PicturePlan, picture_plan
from vlog.transcoding.sound_plan import SOUND_MAY_GO_ON_SECONDS, AudioPlan, audio_plans
from vlog.transcoding.subtitles import SubtitlePlan

# A storyboard has a picture of every two seconds, and of a long video fewer: three hours have one
# every 15 s. The longer side of each is so long.
_TILE_SECONDS = 2.0
_MOST_TILES = 720
_TILE_PIXELS = 160
# The grid of a source without a picture counts in frames of this rate.
_SOUND_ONLY_RATE = Fraction(25)


class RungPlan(BaseModel):
    """One rung. Pixels, and bits per second at most."""

    model_config = ConfigDict(frozen=True)

    name: str
    width: int
    height: int
    max_bitrate: int
    copied: bool = False
    codec: Codec = "h264"


class StoryboardPlan(BaseModel):
    """Small pictures of so many pixels, `step` frames of the grid apart."""

    model_config = ConfigDict(frozen=True)

    step: int
    width: int
    height: int


class Plan(BaseModel):
    """Everything that later work needs to know of the source. Times in seconds on its own clock.

    With `remuxed` an indexed copy is read in place of the original; with `joined` that copy is
    made of the best rung, for the original is gone. Without a `preset` the settings' counts.
    The first of `audios` is what plays where nobody chooses. `subtitles` are read from the
    original, on whose clock the video starts at `subtitles_start`.
    """

    model_config = ConfigDict(frozen=True)

    container_start: float
    remuxed: bool
    grid: Grid
    rungs: tuple[RungPlan, ...]
    picture: PicturePlan | None
    audios: tuple[AudioPlan, ...] = ()
    storyboard: StoryboardPlan | None = None
    why_not_copied: str | None = None
    preset: str | None = None
    joined: bool = False
    cover: int | None = None
    segment_format: SegmentFormat = "ts"
    subtitles: tuple[SubtitlePlan, ...] = ()
    subtitles_start: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """All renditions, best first, sounds last."""
        rungs = tuple(rung.name for rung in self.rungs)
        return (*rungs, *(audio.name for audio in self.audios))

    @property
    def audio(self) -> AudioPlan | None:
        """The sound that decides when a video can be watched."""
        return self.audios[0] if self.audios else None

    def sound(self, name: str) -> AudioPlan | None:
        """A sound by its name; None for rungs."""
        return next((audio for audio in self.audios if audio.name == name), None)

    def rung(self, name: str) -> RungPlan:
        """One rung. Raises KeyError."""
        return {rung.name: rung for rung in self.rungs}[name]

    @property
    def target_duration(self) -> int:
        """EXT-X-TARGETDURATION of all renditions, in whole seconds (RFC 8216 4.3.3.1)."""
        last = self.grid.seconds(self.grid.count - 1, 1)
        after = max((audio.after for audio in self.audios), default=0.0)
        return max(self.grid.target_duration, int(last + after + 0.5))

    @property
    def copied_rung(self) -> RungPlan | None:
        return next((rung for rung in self.rungs if rung.copied), None)

    @property
    def first_rung(self) -> RungPlan | None:
        """The rung that can be had soonest: the copied one, or else the smallest."""
        return self.copied_rung or next(reversed(self.rungs_in("h264")), None)

    def rungs_in(self, codec: Codec) -> tuple[RungPlan, ...]:
        """The rungs of one codec, best first."""
        return tuple(rung for rung in self.rungs if rung.codec == codec)


@dataclass(frozen=True)
class Wishes:
    """What the operator asked for. Without `copy` no rung is copied."""

    ladder: list[str]
    segment_seconds: float
    preset: str | None = None
    copy: bool = True
    segment_format: SegmentFormat = "ts"
    codecs: tuple[Codec, ...] = ("h264",)


def make_plan(
    probe: Probe,
    picture: StreamScan | None,
    sounds: Mapping[int, StreamScan],
    wishes: Wishes,
    *,
    remuxed: bool = False,
) -> Plan:
    """Choose rungs, rate and grid for a source whose packets were seen.

    Args:
        probe: what is in it.
        picture: the packets of its picture.
        sounds: the packets of each of its sounds, by the stream's index.
        wishes: what the operator asked for.
        remuxed: whether an indexed copy is read.

    Raises:
        NotAVideo: it would be longer than any real video.
    """
    if probe.video is None or picture is None:
        return _sound_alone(probe, sounds, wishes, remuxed)
    source = Size(probe.video.display_width, probe.video.display_height)
    bitrate = rate_as_h264(picture.bitrate, probe.video.codec) or None
    rungs = choose_rungs(source, bitrate, wishes.ladder)
    reason = why_not_copied(probe, picture, rungs[0]) if wishes.copy else NO_COPY
    heard_until = _heard_until(probe, picture, sounds)
    if reason is None and heard_until - picture.end > SOUND_MAY_GO_ON_SECONDS:
        reason = "its sound goes on after its picture"
    check_length(max(heard_until, picture.end) - picture.start)
    grid = _grid(probe.video, picture, heard_until, wishes, copied=reason is None)
    return Plan(
        container_start=probe.start_time,
        remuxed=remuxed,
        grid=grid,
        rungs=(
            *(_rung_plan(rung, copied=reason is None and rung is rungs[0]) for rung in rungs),
            *(_rung_in(rung, codec) for codec in wishes.codecs[1:] for rung in rungs),
        ),
        picture=picture_plan(probe.video, source, picture, grid),
        audios=audio_plans(probe, sounds, grid, audio_bitrate(rungs), wishes.segment_format),
        storyboard=_storyboard_plan(rungs[0], grid),
        why_not_copied=reason,
        preset=wishes.preset,
        segment_format=wishes.segment_format,
    )


def _heard_until(probe: Probe, picture: StreamScan, sounds: Mapping[int, StreamScan]) -> float:
    """When the first sound ends, or, without one, the picture."""
    first = next((sounds[audio.index] for audio in probe.audios if audio.index in sounds), None)
    return first.end if first else picture.end


def _grid(
    video: VideoStream, picture: StreamScan, heard_until: float, wishes: Wishes, *, copied: bool
) -> Grid:
    rate = nominal_rate(
        ratio_of(video.avg_frame_rate), picture.step, constant=picture.constant_rate
    )
    if copied:
        return grids.from_keyframes(picture.keyframes, picture.end, rate, wishes.segment_seconds)
    # The last picture stands until the sound has ended, if that takes long.
    goes_on = heard_until - picture.end > SOUND_MAY_GO_ON_SECONDS
    end = heard_until if goes_on else picture.end
    return grids.regular(picture.start, end, rate, wishes.segment_seconds)


def with_one_rung(base: Plan, probe: Probe, rung: Rung, preset: str | None) -> Plan:
    """One more rung on the grid of a plan whose renditions are there, read from `probe`'s file."""
    if probe.video is None:
        raise ValueError("a source without a picture has no rungs")
    source = Size(probe.video.display_width, probe.video.display_height)
    picture = picture_plan(probe.video, source, None, base.grid)
    if base.picture is not None:
        kept = {"last": base.picture.last, "stills": base.picture.stills}
        picture = picture.model_copy(update=kept)
    return base.model_copy(
        update={
            "container_start": probe.start_time,
            "rungs": (_rung_plan(rung, copied=False),),
            "picture": picture,
            "audios": (),
            "storyboard": None,
            "why_not_copied": None,
            "preset": preset,
        }
    )


def _storyboard_plan(best: Rung, grid: Grid) -> StoryboardPlan:
    seconds = max(_TILE_SECONDS, grid.duration / _MOST_TILES)
    factor = _TILE_PIXELS / max(best.size.width, best.size.height)
    return StoryboardPlan(
        step=math.ceil(round(seconds * grid.rate, 6)),
        width=even(best.size.width * factor),
        height=even(best.size.height * factor),
    )


def _sound_alone(
    probe: Probe, sounds: Mapping[int, StreamScan], wishes: Wishes, remuxed: bool
) -> Plan:
    start = min((sound.start for sound in sounds.values()), default=probe.start_time)
    end = max((sound.end for sound in sounds.values()), default=start + probe.duration)
    check_length(end - start)
    grid = grids.regular(start, end, _SOUND_ONLY_RATE, wishes.segment_seconds)
    return Plan(
        container_start=probe.start_time,
        remuxed=remuxed,
        grid=grid,
        rungs=(),
        picture=None,
        audios=audio_plans(probe, sounds, grid, 192_000, wishes.segment_format),
        cover=probe.cover,
        segment_format=wishes.segment_format,
    )


def _rung_plan(rung: Rung, *, copied: bool) -> RungPlan:
    return RungPlan(
        name=rung.name,
        width=rung.size.width,
        height=rung.size.height,
        max_bitrate=rung.max_bitrate,
        copied=copied,
    )


def _rung_in(rung: Rung, codec: Codec) -> RungPlan:
    """The same picture in another codec than H.264, which needs less for it."""
    return RungPlan(
        name=f"{rung.name}-{codec}",
        width=rung.size.width,
        height=rung.size.height,
        max_bitrate=round(rung.max_bitrate * CAP_SHARES[codec]),
        codec=codec,
    )
