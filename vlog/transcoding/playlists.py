"""The texts of the playlists (RFC 8216). Pure functions over what is committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vlog.captions.checking import clean_text
from vlog.captions.languages import UNKNOWN
from vlog.catalog.renditions import Rendition, SegmentFacts
from vlog.settings import SegmentFormat
from vlog.storage.local import generation_path
from vlog.transcoding.muxing import init_name, segment_name

_VERSIONS: dict[SegmentFormat, int] = {"ts": 6, "fmp4": 7}

MASTER = "master.m3u8"


def media_playlist(
    name: str,
    segments: Sequence[SegmentFacts],
    target_duration: int,
    segment_format: SegmentFormat,
    *,
    whole: bool,
) -> str:
    """A rendition's playlist: EVENT while it grows, VOD with an end once it is whole."""
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{_VERSIONS[segment_format]}",
        f"#EXT-X-TARGETDURATION:{target_duration}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if whole else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if not whole:
        # A growing playlist is live to a player, which would start at its end.
        lines.append("#EXT-X-START:TIME-OFFSET=0,PRECISE=YES")
    if segment_format == "fmp4":
        lines.append(f'#EXT-X-MAP:URI="{init_name(name)}"')
    for segment in segments:
        file = segment_name(name, segment.number, segment_format)
        lines += [f"#EXTINF:{segment.duration:.6f},", file]
    if whole:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Variant:
    """One entry of the master playlist. Rates in bits per second with the sound included."""

    name: str
    bandwidth: int
    average_bandwidth: int
    codecs: str
    width: int | None
    height: int | None
    frame_rate: float | None
    generation: int = 1


@dataclass(frozen=True)
class CaptionTrack:
    """Captions that the master playlist offers. `language` is BCP 47, `und` where nobody knows."""

    language: str
    label: str


def master_playlist(
    variants: Sequence[Variant],
    segment_format: SegmentFormat,
    *,
    sound: bool,
    language: str | None,
    captions: Sequence[CaptionTrack] = (),
    revision: int = 1,
) -> str:
    """The master playlist: the rungs that are whole, and the first one while it grows.

    It lies with `revision`; a rung that was built later is reached from there.
    """
    version = f"#EXT-X-VERSION:{_VERSIONS[segment_format]}"
    lines = ["#EXTM3U", version, "#EXT-X-INDEPENDENT-SEGMENTS"]
    pictures = [variant for variant in variants if variant.width]
    if sound and pictures:
        attributes = ['TYPE=AUDIO,GROUP-ID="audio",NAME="Sound"', "DEFAULT=YES,AUTOSELECT=YES"]
        if language:
            attributes.append(f'LANGUAGE="{language}"')
        attributes += ['CHANNELS="2"', 'URI="audio.m3u8"']
        lines.append(f"#EXT-X-MEDIA:{','.join(attributes)}")
    lines += _caption_lines(captions, revision)
    groups = ['AUDIO="audio"'] if sound and pictures else []
    groups += ['SUBTITLES="captions"'] if captions else []
    for variant in pictures or variants:
        place = _from_revision(revision, variant.generation)
        lines += [_stream_line(variant, groups), f"{place}{variant.name}.m3u8"]
    return "\n".join(lines) + "\n"


def _caption_lines(captions: Sequence[CaptionTrack], revision: int) -> list[str]:
    """One line a track; their files lie once beside the first revision (RFC 8216 4.3.4.1)."""
    lines: list[str] = []
    names: set[str] = set()
    for track in captions:
        # Neither is allowed in a quoted string (RFC 8216 4.2).
        name = " ".join(clean_text(track.label).split()).replace('"', "'")
        if name in names:
            # Names in a group must differ.
            name = f"{name} [{track.language}]"
        names.add(name)
        attributes = [f'TYPE=SUBTITLES,GROUP-ID="captions",NAME="{name}"']
        attributes.append("DEFAULT=NO,AUTOSELECT=YES")
        if track.language != UNKNOWN:
            attributes.append(f'LANGUAGE="{track.language}"')
        place = _from_revision(revision, 1)
        attributes.append(f'URI="{place}captions-{track.language}.m3u8"')
        lines.append(f"#EXT-X-MEDIA:{','.join(attributes)}")
    return lines


def _from_revision(revision: int, generation: int) -> str:
    """The relative address of a job's folder as seen from a revision's."""
    if generation == revision:
        return ""
    return f"{'' if revision == 1 else '../'}{generation_path(generation)}"


def _stream_line(variant: Variant, groups: Sequence[str]) -> str:
    attributes = [
        f"BANDWIDTH={variant.bandwidth}",
        f"AVERAGE-BANDWIDTH={variant.average_bandwidth}",
        f'CODECS="{variant.codecs}"',
    ]
    if variant.width and variant.height:
        attributes.append(f"RESOLUTION={variant.width}x{variant.height}")
    if variant.frame_rate:
        attributes.append(f"FRAME-RATE={variant.frame_rate:.3f}")
    return f"#EXT-X-STREAM-INF:{','.join([*attributes, *groups])}"


def peak_bitrate(segments: Sequence[SegmentFacts]) -> int:
    """The highest rate of any segment (RFC 8216 4.3.4.2), in bits per second.

    A last segment shorter than half of the longest says nothing of the rate over time.
    """
    longest = max((segment.duration for segment in segments), default=0.0)
    rates = (s.size * 8 / s.duration for s in segments if s.duration >= longest / 2 > 0)
    return max(round(max(rates, default=0)), average_bitrate(segments))


def average_bitrate(segments: Sequence[SegmentFacts]) -> int:
    """The rate of all segments together, in bits per second."""
    seconds = sum(segment.duration for segment in segments)
    return round(sum(segment.size for segment in segments) * 8 / seconds) if seconds > 0 else 0


def variants_of(renditions: Sequence[Rendition], growing: str | None) -> list[Variant]:
    """The master's entries, the best first: what is whole, and the rung named `growing`."""
    sound = next((r for r in renditions if r.kind == "audio"), None)
    extra_peak = peak_bitrate(sound.segments) if sound else 0
    extra_average = average_bitrate(sound.segments) if sound else 0
    variants = []
    for rendition in renditions:
        shown = rendition.whole or (rendition.name == growing and bool(rendition.segments))
        if not shown or rendition.codecs is None:
            continue
        alone = rendition is sound
        codecs = [rendition.codecs]
        if sound is not None and sound.codecs and not alone:
            codecs.append(sound.codecs)
        variants.append(
            Variant(
                name=rendition.name,
                bandwidth=peak_bitrate(rendition.segments) + (0 if alone else extra_peak),
                average_bandwidth=average_bitrate(rendition.segments)
                + (0 if alone else extra_average),
                codecs=",".join(codecs),
                width=rendition.width,
                height=rendition.height,
                frame_rate=rendition.frame_rate,
                generation=rendition.generation,
            )
        )
    return variants


def continuous(segments: Sequence[SegmentFacts]) -> list[SegmentFacts]:
    """The segments from the first on up to the first that is missing."""
    return [segment for number, segment in enumerate(segments) if segment.number == number]


def playlists_of(
    renditions: Sequence[Rendition],
    *,
    growing: str | None,
    language: str | None,
    target_duration: int,
    segment_format: SegmentFormat,
    captions: Sequence[CaptionTrack] = (),
    ended: bool = False,
    revision: int = 1,
    extends: bool = False,
) -> dict[tuple[int, str], str]:
    """Every playlist of a revision by its folder's number and file name, from what is committed.

    No picture is shown beyond the sound that is there: a viewer would stall. A playlist ends
    when all its segments are there, or when `ended` says that nothing more will come. Rungs that
    extend another revision have no master of their own.
    """
    sound = next((r for r in renditions if r.kind == "audio"), None)
    sounding = len(continuous(sound.segments)) if sound and not sound.whole else None
    texts: dict[tuple[int, str], str] = {}
    for rendition in renditions:
        segments = continuous(rendition.segments)
        held_back = rendition is not sound and sounding is not None and sounding < len(segments)
        shown = segments[:sounding] if held_back else segments
        if not shown or not (rendition.whole or rendition is sound or rendition.name == growing):
            continue
        texts[rendition.generation, f"{rendition.name}.m3u8"] = media_playlist(
            rendition.name,
            shown,
            target_duration,
            segment_format,
            whole=(rendition.whole and not held_back) or ended,
        )
    variants = [
        v for v in variants_of(renditions, growing) if (v.generation, f"{v.name}.m3u8") in texts
    ]
    if variants and not extends:
        texts[revision, MASTER] = master_playlist(
            variants,
            segment_format,
            sound=sound is not None,
            language=language,
            captions=captions,
            revision=revision,
        )
    return texts
