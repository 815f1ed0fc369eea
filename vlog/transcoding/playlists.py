"""The texts of the playlists (RFC 8216). Pure functions over what is committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vlog.catalog.renditions import Rendition, SegmentFacts
from vlog.catalog.sounds import FIRST_SOUND
from vlog.languages import UNKNOWN
from vlog.settings import SegmentFormat
from vlog.storage.local import generation_path
from vlog.transcoding.muxing import init_name, segment_name
from vlog.transcoding.tracks import GROUP, Track, media_line, quotable, tracks_of

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
    tracks: Sequence[Track],
    segment_format: SegmentFormat,
    captions: Sequence[CaptionTrack] = (),
    revision: int = 1,
) -> str:
    """The master playlist: the rungs that are whole, the first one while it grows, and the sounds.

    It lies with `revision`; a rung that was built later is reached from there. Without a picture
    the first sound is the one variant, and a single one needs no menu.
    """
    version = f"#EXT-X-VERSION:{_VERSIONS[segment_format]}"
    lines = ["#EXTM3U", version, "#EXT-X-INDEPENDENT-SEGMENTS"]
    pictures = [variant for variant in variants if variant.width]
    grouped = bool(tracks) if pictures else len(tracks) > 1
    for track in tracks if grouped else ():
        is_variant = track.first and not pictures
        lines.append(media_line(track, None if is_variant else f"{track.name}.m3u8"))
    lines += _caption_lines(captions, revision)
    groups = [f'AUDIO="{GROUP}"'] if grouped else []
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
        name = quotable(track.label)
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
    """The master's entries, the best first: what is whole, and the rung named `growing`.

    Whichever of the sounds is heard, the rates and codecs of a rung are enough for it.
    """
    sounds = offered_sounds(renditions)
    extra_peak = max((peak_bitrate(sound.segments) for sound in sounds), default=0)
    extra_average = max((average_bitrate(sound.segments) for sound in sounds), default=0)
    heard = list(dict.fromkeys(sound.codecs for sound in sounds if sound.codecs))
    variants = []
    for rendition in renditions:
        shown = rendition.whole or (rendition.name == growing and bool(rendition.segments))
        alone = rendition.name == FIRST_SOUND
        if not shown or rendition.codecs is None or (rendition.kind == "audio" and not alone):
            continue
        peak = peak_bitrate(rendition.segments)
        average = average_bitrate(rendition.segments)
        variants.append(
            Variant(
                name=rendition.name,
                bandwidth=max(peak, extra_peak) if alone else peak + extra_peak,
                average_bandwidth=max(average, extra_average) if alone else average + extra_average,
                codecs=",".join([rendition.codecs, *(() if alone else heard)]),
                width=rendition.width,
                height=rendition.height,
                frame_rate=rendition.frame_rate,
                generation=rendition.generation,
            )
        )
    return variants


def offered_sounds(renditions: Sequence[Rendition]) -> list[Rendition]:
    """The first sound from its beginning on, and the others once they are whole.

    Whoever chose one that ends before the picture does would stall there.
    """
    sounds = [rendition for rendition in renditions if rendition.kind == "audio"]
    return [s for s in sounds if s.whole or (s.name == FIRST_SOUND and s.segments)]


def continuous(segments: Sequence[SegmentFacts]) -> list[SegmentFacts]:
    """The segments from the first on up to the first that is missing."""
    return [segment for number, segment in enumerate(segments) if segment.number == number]


def playlists_of(
    renditions: Sequence[Rendition],
    *,
    growing: str | None,
    target_duration: int,
    segment_format: SegmentFormat,
    captions: Sequence[CaptionTrack] = (),
    ended: bool = False,
    revision: int = 1,
    extends: bool = False,
) -> dict[tuple[int, str], str]:
    """Every playlist of a revision by its folder's number and file name, from what is committed.

    No picture is shown beyond the first sound: a viewer would stall. A playlist ends when all its
    segments are there, or when `ended` says that nothing more will come. Rungs that extend another
    revision have no master of their own.
    """
    sound = next((r for r in renditions if r.name == FIRST_SOUND), None)
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
        offered = {rendition.name for rendition in offered_sounds(renditions)}
        tracks = tracks_of([r for r in renditions if r.kind == "audio"])
        heard = [track for track in tracks if track.name in offered]
        texts[revision, MASTER] = master_playlist(
            variants, heard, segment_format, captions=captions, revision=revision
        )
    return texts
