"""The plan of a video: made once, stored, and everything afterwards follows it. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from vlog.catalog.sounds import sound_name
from vlog.ingest.probe_model import AudioStream, Probe, VideoStream, check_length
from vlog.languages import UNKNOWN, language_tag
from vlog.settings import Codec, SegmentFormat
from vlog.transcoding import grid as grids
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
from vlog.transcoding.packets import STILL_SECONDS, StreamScan, nominal_rate
from vlog.transcoding.subtitles import SubtitlePlan

# Each sound is a whole rendition; menus of players become unusable long before this.
MOST_SOUNDS = 16
# Players wait for a keyframe after each seek: a copied rung has one at least this often.
_LONGEST_GOP_SECONDS = 10.0
# A storyboard has a picture of every two seconds, and of a long video fewer: three hours have one
# every 15 s. The longer side of each is so long.
_TILE_SECONDS = 2.0
_MOST_TILES = 720
_TILE_PIXELS = 160
# A copied sound may miss this much at either end; more is padded with silence, by encoding it.
_SOUND_MAY_MISS_SECONDS = 0.3
# The last segment of a sound may be so much longer than the picture's.
SOUND_MAY_GO_ON_SECONDS = 2.0
# An edit list that hides the encoder's priming marks the first packets, and cuts nothing else.
_PRIMING_PACKETS = 2
_WITH_HEADERS = ("mov,mp4", "matroska,webm")
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


class AudioPlan(BaseModel):
    """A sound: one AAC stereo rendition, in bits per second and hertz.

    It begins `late` seconds after the grid does, and goes on for `after` seconds beyond its end.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    stream_index: int
    bitrate: int
    sample_rate: int
    copied: bool
    late: float = 0.0
    after: float = 0.0
    language: str | None = None
    title: str | None = None


class PicturePlan(BaseModel):
    """How the source's picture is read. Seconds on the source's own clock."""

    model_config = ConfigDict(frozen=True)

    stream_index: int
    interlaced: bool
    high_dynamic_range: bool
    color_matrix: str
    color_transfer: str = "bt709"
    wide_gamut: bool = False
    transparent: bool = False
    last: float | None = None
    stills: tuple[tuple[float, float], ...] = ()


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
    rate = nominal_rate(
        _fraction(probe.video.avg_frame_rate), picture.step, constant=picture.constant_rate
    )
    reason = why_not_copied(probe, picture, rungs[0]) if wishes.copy else NO_COPY
    first = next((sounds[audio.index] for audio in probe.audios if audio.index in sounds), None)
    heard_until = first.end if first else picture.end
    if reason is None and heard_until - picture.end > SOUND_MAY_GO_ON_SECONDS:
        reason = "its sound goes on after its picture"
    check_length(max(heard_until, picture.end) - picture.start)
    if reason is None:
        grid = grids.from_keyframes(picture.keyframes, picture.end, rate, wishes.segment_seconds)
    else:
        # The last picture stands until the sound has ended, if that takes long.
        goes_on = heard_until - picture.end > SOUND_MAY_GO_ON_SECONDS
        end = heard_until if goes_on else picture.end
        grid = grids.regular(picture.start, end, rate, wishes.segment_seconds)
    return Plan(
        container_start=probe.start_time,
        remuxed=remuxed,
        grid=grid,
        rungs=(
            *(_rung_plan(rung, copied=reason is None and rung is rungs[0]) for rung in rungs),
            *(_rung_in(rung, codec) for codec in wishes.codecs[1:] for rung in rungs),
        ),
        picture=_picture_plan(probe.video, source, picture, grid),
        audios=_audio_plans(probe, sounds, grid, audio_bitrate(rungs), wishes.segment_format),
        storyboard=_storyboard_plan(rungs[0], grid),
        why_not_copied=reason,
        preset=wishes.preset,
        segment_format=wishes.segment_format,
    )


NO_COPY = "its copy did not come out as it should"


def with_one_rung(base: Plan, probe: Probe, rung: Rung, preset: str | None) -> Plan:
    """One more rung on the grid of a plan whose renditions are there, read from `probe`'s file."""
    if probe.video is None:
        raise ValueError("a source without a picture has no rungs")
    source = Size(probe.video.display_width, probe.video.display_height)
    picture = _picture_plan(probe.video, source, None, base.grid)
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


def notice_of(declared: float, scans: Iterable[StreamScan], sounds: int) -> str | None:
    """What to say of a file of which not all can be had.

    Args:
        declared: how long it says it is, in seconds.
        scans: what its streams really hold.
        sounds: how many sounds it has.
    """
    sentences = (_cut_off(declared, list(scans)), _too_many(sounds))
    return " ".join(sentence for sentence in sentences if sentence) or None


def _too_many(sounds: int) -> str | None:
    if sounds <= MOST_SOUNDS:
        return None
    return f"The file has {sounds} sounds. The first {MOST_SOUNDS} of them can be heard."


def _cut_off(declared: float, found: list[StreamScan]) -> str | None:
    if not found:
        return None
    seen = max(scan.end for scan in found) - min(scan.start for scan in found)
    if declared - seen <= max(_MAY_MISS_SECONDS, _MAY_MISS_SHARE * declared):
        return None
    return (
        f"The file ends after {_clock(seen)} although it says {_clock(declared)}. "
        "What is there can be watched."
    )


# Containers round, and count what the last frames last in different ways.
_MAY_MISS_SECONDS = 1.5
_MAY_MISS_SHARE = 0.02


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def why_not_copied(probe: Probe, picture: StreamScan, best: Rung) -> str | None:
    """Why the source's own picture cannot be served as it is; None where it can."""
    video = probe.video
    if video is None:
        return "no picture"
    longest_gop = max(
        (
            after - before
            for before, after in zip(
                picture.keyframes, (*picture.keyframes[1:], picture.end), strict=True
            )
        ),
        default=picture.end - picture.start,
    )
    checks = (
        (video.codec == "h264", f"the codec is {video.codec}, not H.264"),
        (video.pixel_format == "yuv420p", f"the pixel format is {video.pixel_format}"),
        (video.profile in _PLAYED_PROFILES, f"the H.264 profile is {video.profile}"),
        (not _is_interlaced(video), "it is interlaced"),
        (video.rotation == 0, "it is rotated"),
        (_square_pixels(video), "its pixels are not square"),
        (picture.constant_rate, "its frame rate varies"),
        (1 / picture.step <= 60.5, "its frame rate is above 60"),
        (picture.closed_gops, "its groups of pictures are open"),
        (picture.discarded == 0, "an edit list cuts it"),
        (longest_gop <= _LONGEST_GOP_SECONDS, "its keyframes are too far apart"),
        (picture.bitrate <= 2 * best.max_bitrate, "its bit rate is too high"),
        (video.width % 2 == 0 and video.height % 2 == 0, "its size is odd"),
        (
            (video.width, video.height) == (best.size.width, best.size.height),
            "no rung has its size",
        ),
        (not _is_high_dynamic_range(video), "it has a high dynamic range"),
        (video.color_primaries != "bt2020", "its colours are those of BT.2020"),
    )
    return next((reason for fine, reason in checks if not fine), None)


def _storyboard_plan(best: Rung, grid: Grid) -> StoryboardPlan:
    seconds = max(_TILE_SECONDS, grid.duration / _MOST_TILES)
    factor = _TILE_PIXELS / max(best.size.width, best.size.height)
    return StoryboardPlan(
        step=math.ceil(round(seconds * grid.rate, 6)),
        width=even(best.size.width * factor),
        height=even(best.size.height * factor),
    )


_PLAYED_PROFILES = (
    "Constrained Baseline",
    "Baseline",
    "Main",
    "High",
    "Progressive High",
    "Constrained High",
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
        audios=_audio_plans(probe, sounds, grid, 192_000, wishes.segment_format),
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


def _picture_plan(
    video: VideoStream, source: Size, seen: StreamScan | None, grid: Grid
) -> PicturePlan:
    unknown = (None, "unknown", "unspecified", "reserved", "gbr")
    # Untagged pictures are what players take them for: BT.709 when large, BT.601 when small.
    usual = "bt709" if source.short_side >= 720 else "smpte170m"
    return PicturePlan(
        stream_index=video.index,
        interlaced=_is_interlaced(video),
        high_dynamic_range=_is_high_dynamic_range(video),
        color_matrix=usual if video.color_space in unknown else str(video.color_space),
        color_transfer=str(video.color_transfer) if _is_high_dynamic_range(video) else "bt709",
        wide_gamut=video.color_primaries == "bt2020",
        transparent=(video.pixel_format or "").startswith(_TRANSPARENT),
        last=seen.last if seen else None,
        stills=_stills(seen, grid.time(grid.count)) if seen else (),
    )


def _stills(seen: StreamScan, end: float) -> tuple[tuple[float, float], ...]:
    """From when to when nothing moves for long; also after the last picture."""
    stands = end - seen.last > STILL_SECONDS
    return (*seen.stills, (seen.last, end)) if stands else seen.stills


_TRANSPARENT = ("yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16", "pal8")


def _is_high_dynamic_range(video: VideoStream) -> bool:
    return video.color_transfer in ("smpte2084", "arib-std-b67")


def _audio_plans(
    probe: Probe,
    sounds: Mapping[int, StreamScan],
    grid: Grid,
    bitrate: int,
    segment_format: SegmentFormat,
) -> tuple[AudioPlan, ...]:
    # fMP4 has its header before the first packet, where a raw AAC stream has none yet.
    described = segment_format == "ts" or probe.container.startswith(_WITH_HEADERS)
    heard = [stream for stream in probe.audios if stream.index in sounds][:MOST_SOUNDS]
    return tuple(
        AudioPlan(
            name=sound_name(number),
            stream_index=stream.index,
            bitrate=bitrate,
            sample_rate=stream.sample_rate if stream.sample_rate in (44100, 48000) else 48000,
            copied=described and _sound_can_be_copied(stream, sounds[stream.index], grid, bitrate),
            late=max(0.0, sounds[stream.index].start - grid.time(0)),
            after=_after(sounds[stream.index], grid),
            language=_known(stream.language),
            title=stream.title,
        )
        for number, stream in enumerate(heard, start=1)
    )


def _known(language: str | None) -> str | None:
    tag = language_tag(language)
    return None if tag == UNKNOWN else tag


def _after(sound: StreamScan, grid: Grid) -> float:
    goes_on = sound.end - grid.time(grid.count)
    return min(max(0.0, goes_on), SOUND_MAY_GO_ON_SECONDS)


def _sound_can_be_copied(stream: AudioStream, sound: StreamScan, grid: Grid, bitrate: int) -> bool:
    return (
        stream.codec == "aac"
        and stream.profile == "LC"
        and stream.channels == 2
        and stream.sample_rate in (44100, 48000)
        and sound.bitrate <= bitrate * 1.1
        and sound.discarded <= _PRIMING_PACKETS
        and abs(sound.start - grid.time(0)) <= _SOUND_MAY_MISS_SECONDS
        and grid.time(grid.count) - sound.end <= _SOUND_MAY_MISS_SECONDS
        and sound.end - grid.time(grid.count) <= SOUND_MAY_GO_ON_SECONDS
        and sound.constant_rate
    )


def _is_interlaced(video: VideoStream) -> bool:
    return video.field_order not in (None, "", "unknown", "progressive")


def _square_pixels(video: VideoStream) -> bool:
    return video.sample_aspect_ratio == 1


def _fraction(text: str | None) -> Fraction | None:
    try:
        value = Fraction(text or "0")
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None
