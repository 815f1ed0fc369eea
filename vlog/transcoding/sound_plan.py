"""The plan of the sounds: which are heard, and which of them are copied. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from vlog.catalog.sounds import sound_name
from vlog.ingest.probe_model import AudioStream, Probe
from vlog.languages import UNKNOWN, language_tag
from vlog.settings import SegmentFormat
from vlog.transcoding.grid import Grid
from vlog.transcoding.packets import StreamScan

# Each sound is a whole rendition; menus of players become unusable long before this.
MOST_SOUNDS = 16
# A copied sound may miss this much at either end; more is padded with silence, by encoding it.
_SOUND_MAY_MISS_SECONDS = 0.3
# The last segment of a sound may be so much longer than the picture's.
SOUND_MAY_GO_ON_SECONDS = 2.0
# An edit list that hides the encoder's priming marks the first packets, and cuts nothing else.
_PRIMING_PACKETS = 2
_WITH_HEADERS = ("mov,mp4", "matroska,webm")


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


def audio_plans(
    probe: Probe,
    sounds: Mapping[int, StreamScan],
    grid: Grid,
    bitrate: int,
    segment_format: SegmentFormat,
) -> tuple[AudioPlan, ...]:
    """The sounds whose packets were seen, by the stream's index, on a grid.

    Encoded ones get so many bits per second.
    """
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
