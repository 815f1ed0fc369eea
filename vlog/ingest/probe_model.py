"""What ffprobe says of a file, as types. Pure functions; nothing here runs anything."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ConfigDict

from vlog.captions.checking import clean_text
from vlog.errors import NotAVideo
from vlog.languages import language_tag

_LANGUAGE_UNKNOWN = ("und", "mis", "mul", "zxx")
_LONGEST_TITLE = 100
_RATIO = re.compile(r"([0-9]{1,10})[:/]([0-9]{1,10})")
MOST_PIXELS = 8192 * 8192
LONGEST_SECONDS = 100 * 3600.0


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class VideoStream(_Frozen):
    """A moving picture. Width and height as stored; seconds; bits per second."""

    index: int
    codec: str
    profile: str | None
    width: int
    height: int
    pixel_format: str | None
    field_order: str | None
    color_space: str | None
    color_transfer: str | None
    color_primaries: str | None
    color_range: str | None
    sample_aspect_ratio: float
    rotation: int
    avg_frame_rate: str | None
    r_frame_rate: str | None
    start_time: float | None
    duration: float | None
    bit_rate: int | None

    @property
    def display_width(self) -> int:
        """Pixels as shown, after pixel aspect and rotation."""
        return self._shown[0]

    @property
    def display_height(self) -> int:
        """Pixels as shown, after pixel aspect and rotation."""
        return self._shown[1]

    @property
    def _shown(self) -> tuple[int, int]:
        width = max(1, round(self.width * self.sample_aspect_ratio))
        return (self.height, width) if self.rotation in (90, 270) else (width, self.height)


class AudioStream(_Frozen):
    """A sound. Hertz; seconds; bits per second."""

    index: int
    codec: str
    profile: str | None
    channels: int
    sample_rate: int
    bit_rate: int | None
    language: str | None
    default: bool
    title: str | None = None


class SubtitleStream(_Frozen):
    """Subtitles. `language` is BCP 47, `und` where nothing says it."""

    index: int
    codec: str
    language: str
    title: str = ""
    default: bool = False
    forced: bool = False
    hearing_impaired: bool = False

    @property
    def is_text(self) -> bool:
        """Whether they are words and not pictures of words."""
        return self.codec in _TEXT_SUBTITLES


_TEXT_SUBTITLES = ("subrip", "ass", "ssa", "mov_text", "webvtt", "text")


class Chapter(_Frozen):
    """A chapter as the container has it. Seconds on the container's clock."""

    start: float
    end: float
    title: str


class Probe(_Frozen):
    """A file as ffprobe sees it. Seconds; bytes; bits per second.

    `cover` is the index of a still picture that came with it, such as a record's sleeve.
    """

    container: str
    start_time: float
    duration: float
    size: int
    bit_rate: int | None
    video: VideoStream | None
    audios: tuple[AudioStream, ...]
    cover: int | None = None
    subtitles: tuple[SubtitleStream, ...] = ()
    chapters: tuple[Chapter, ...] = ()


def parse_probe(found: dict[str, Any]) -> Probe:
    """Types from ffprobe's JSON. Raises NotAVideo where there is nothing to play."""
    container = found.get("format") or {}
    streams = found.get("streams") or []
    video = next((_video(stream) for stream in streams if _is_picture(stream)), None)
    audios = tuple(_audio(stream) for stream in streams if _is_sound(stream))
    if video is None and not audios:
        raise NotAVideo("There is neither a picture nor a sound in this file.")
    duration = _number(container.get("duration")) or max(
        (_number(stream.get("duration")) or 0.0 for stream in streams), default=0.0
    )
    return Probe(
        container=str(container.get("format_name", "")),
        start_time=_number(container.get("start_time")) or 0.0,
        duration=duration,
        size=_whole(container.get("size")) or 0,
        bit_rate=_whole(container.get("bit_rate")),
        video=video,
        audios=tuple(sorted(audios, key=lambda audio: not audio.default)),
        cover=next((stream["index"] for stream in streams if _is_cover(stream)), None),
        subtitles=tuple(_subtitles(stream) for stream in streams if _is_subtitles(stream)),
        chapters=tuple(_chapter(chapter) for chapter in found.get("chapters") or []),
    )


def check_bounds(found: Probe) -> None:
    """Refuse what nobody films, and what would take all memory or never end. Raises NotAVideo."""
    video = found.video
    if video is not None and video.width * video.height > MOST_PIXELS:
        raise NotAVideo(
            f"The picture is too large: {video.width} x {video.height}. VLog takes pictures of up "
            "to 67 million pixels, such as 8192 x 8192."
        )
    check_length(found.duration)


def check_length(seconds: float) -> None:
    """Raises NotAVideo where a video would be longer than any real one."""
    if seconds > LONGEST_SECONDS:
        raise NotAVideo(
            f"This file says that it lasts {seconds / 3600:.0f} hours. VLog takes up to "
            f"{LONGEST_SECONDS / 3600:.0f} hours; the file may be damaged."
        )


def _is_picture(stream: dict[str, Any]) -> bool:
    cover = (stream.get("disposition") or {}).get("attached_pic")
    sized = bool(stream.get("width")) and bool(stream.get("height"))
    return stream.get("codec_type") == "video" and not cover and sized and "codec_name" in stream


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool((stream.get("disposition") or {}).get("attached_pic")) and "codec_name" in stream


def _is_sound(stream: dict[str, Any]) -> bool:
    audible = (_whole(stream.get("channels")) or 0) > 0
    return stream.get("codec_type") == "audio" and audible and "codec_name" in stream


def _is_subtitles(stream: dict[str, Any]) -> bool:
    return stream.get("codec_type") == "subtitle" and "codec_name" in stream


def _subtitles(stream: dict[str, Any]) -> SubtitleStream:
    tags, disposition = stream.get("tags") or {}, stream.get("disposition") or {}
    title = str(tags.get("title") or tags.get("handler_name") or "")
    return SubtitleStream(
        index=stream["index"],
        codec=stream["codec_name"],
        language=language_tag(tags.get("language")),
        # mp4 files call their tracks after the program that made them.
        title="" if title.endswith("Handler") else " ".join(clean_text(title).split()),
        default=bool(disposition.get("default")),
        forced=bool(disposition.get("forced")),
        hearing_impaired=bool(disposition.get("hearing_impaired")),
    )


def _chapter(chapter: dict[str, Any]) -> Chapter:
    return Chapter(
        start=_number(chapter.get("start_time")) or 0.0,
        end=_number(chapter.get("end_time")) or 0.0,
        title=str((chapter.get("tags") or {}).get("title") or ""),
    )


def _video(stream: dict[str, Any]) -> VideoStream:
    return VideoStream(
        index=stream["index"],
        codec=stream["codec_name"],
        profile=stream.get("profile"),
        width=stream["width"],
        height=stream["height"],
        pixel_format=stream.get("pix_fmt"),
        field_order=stream.get("field_order"),
        color_space=stream.get("color_space"),
        color_transfer=stream.get("color_transfer"),
        color_primaries=stream.get("color_primaries"),
        color_range=stream.get("color_range"),
        sample_aspect_ratio=_pixel_aspect(stream.get("sample_aspect_ratio")),
        rotation=_rotation(stream),
        avg_frame_rate=stream.get("avg_frame_rate"),
        r_frame_rate=stream.get("r_frame_rate"),
        start_time=_number(stream.get("start_time")),
        duration=_number(stream.get("duration")),
        bit_rate=_whole(stream.get("bit_rate")),
    )


def _audio(stream: dict[str, Any]) -> AudioStream:
    tags = stream.get("tags") or {}
    language = tags.get("language")
    return AudioStream(
        index=stream["index"],
        codec=stream["codec_name"],
        profile=stream.get("profile"),
        channels=_whole(stream.get("channels")) or 0,
        sample_rate=_whole(stream.get("sample_rate")) or 0,
        bit_rate=_whole(stream.get("bit_rate")),
        language=None if language in _LANGUAGE_UNKNOWN else _language(language),
        default=bool((stream.get("disposition") or {}).get("default")),
        title=_title(tags.get("title")),
    )


def _title(text: object) -> str | None:
    """A track's own name, on one line and without control characters."""
    if not isinstance(text, str):
        return None
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:_LONGEST_TITLE].strip() or None


def _language(text: object) -> str | None:
    plain = isinstance(text, str) and 2 <= len(text) <= 16 and text.replace("-", "").isalnum()
    return str(text) if plain and str(text).isascii() else None


def _pixel_aspect(text: object) -> float:
    ratio = float(ratio_of(text) or 1)
    return ratio if 0.1 <= ratio <= 10 else 1.0


def ratio_of(text: object) -> Fraction | None:
    """Two numbers as ffprobe writes them, `4:3` or `30000/1001`; None for all that says nothing."""
    found = _RATIO.fullmatch(str(text))
    if found is None or not int(found[2]):
        return None
    return Fraction(int(found[1]), int(found[2])) or None


def _rotation(stream: dict[str, Any]) -> int:
    for data in stream.get("side_data_list") or []:
        if "rotation" in data:
            return round((_number(data["rotation"]) or 0.0) / 90) * 90 % 360
    return 0


def _number(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


def _whole(text: object) -> int | None:
    value = _number(text)
    return None if value is None or abs(value) >= 2**63 else int(value)
