"""What stands around a video where it is watched: captions, transcript, chapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vlog.captions.chapters import Chapter
from vlog.captions.cue import Cue
from vlog.catalog import chapters, transcripts
from vlog.catalog.transcripts import Track
from vlog.database.schema import Video
from vlog.web.models import ProgressOut, VideoOut
from vlog.web.services import Services


@dataclass(frozen=True)
class CaptionTrack:
    """Captions in one language. `language` is BCP 47."""

    language: str
    label: str
    url: str


@dataclass(frozen=True)
class Transcript:
    """The words of a video in one language, and the files that hold them."""

    language: str
    label: str
    cues: Sequence[Cue]
    downloads: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Watching:
    """What the player and the page show beside the video itself.

    `playable_seconds` is only there while the video is still being made.
    """

    captions: Sequence[CaptionTrack]
    transcript: Transcript | None
    chapters: Sequence[Chapter]
    playable_seconds: float | None
    storyboard_url: str | None = None

    @property
    def marks(self) -> list[tuple[float, str]]:
        """The chapters as the player takes them."""
        return [(chapter.start, chapter.title) for chapter in self.chapters]


async def watching(
    services: Services, video: VideoOut, progress: ProgressOut | None, language: str | None = None
) -> Watching:
    """Everything around one video; the transcript in `language`, or in the first there is."""
    async with services.database.read() as session:
        tracks = await transcripts.tracks_of(session, video.id)
        chosen = next((track for track in tracks if track.language == language), None)
        shown = chosen or transcripts.default_of(tracks)
        cues = await transcripts.read_cues(session, video.id, shown.language) if shown else []
        marked = await chapters.of_video(session, await session.get_one(Video, video.id))
    return Watching(
        captions=[
            CaptionTrack(one.language, one.label, _captions_url(video.slug, one.language, "vtt"))
            for one in tracks
            if one.has_files
        ],
        transcript=_transcript(video.slug, shown, cues) if shown and cues else None,
        chapters=marked.chapters,
        playable_seconds=progress.playable_seconds if progress else None,
        storyboard_url=video.storyboard_url,
    )


def _transcript(slug: str, track: Track, cues: list[Cue]) -> Transcript:
    return Transcript(
        language=track.language,
        label=track.label,
        cues=cues,
        downloads=[
            (kind, _captions_url(slug, track.language, ending))
            for kind, ending in (("WebVTT", "vtt"), ("SubRip", "srt"), ("Text", "txt"))
        ],
    )


def _captions_url(slug: str, language: str, ending: str) -> str:
    return f"/videos/{slug}/captions-{language}.{ending}"
