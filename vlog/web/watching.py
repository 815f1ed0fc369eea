"""What stands around a video where it is watched: captions, transcript, chapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vlog.captions.chapters import Chapter
from vlog.captions.cue import Cue
from vlog.catalog import chapters, transcription_jobs, transcripts
from vlog.catalog.transcription_jobs import JobState
from vlog.catalog.transcripts import Track
from vlog.database.schema import Video
from vlog.web.models.progress import ProgressOut
from vlog.web.models.videos import VideoOut
from vlog.web.services import Services


@dataclass(frozen=True)
class CaptionTrack:
    """Captions in one language. `language` is BCP 47, `version` counts their changes."""

    language: str
    label: str
    url: str
    version: int
    growing: bool


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

    `playable_seconds` is only there while the video is still being made, and `writing`, the share
    of it in percent, only while its captions are being written. `heat`: whether the most replayed
    parts may be shown, once there are enough viewers.
    """

    captions: Sequence[CaptionTrack]
    transcript: Transcript | None
    chapters: Sequence[Chapter]
    playable_seconds: float | None
    storyboard_url: str | None = None
    writing: float | None = None
    heat: bool = False

    @property
    def growing(self) -> bool:
        """Whether lines are still added to the transcript that is shown."""
        shown = self.transcript.language if self.transcript else None
        return any(track.growing and track.language == shown for track in self.captions)

    @property
    def marks(self) -> list[tuple[float, str]]:
        """The chapters as the player takes them."""
        return [(chapter.start, chapter.title) for chapter in self.chapters]


async def watching(
    services: Services, video: VideoOut, progress: ProgressOut | None, language: str | None = None
) -> Watching:
    """Everything around one video; the transcript in `language`, or in the first there is."""
    analytics = services.settings.analytics
    async with services.database.read() as session:
        tracks = await transcripts.tracks_of(session, video.id)
        chosen = next((track for track in tracks if track.language == language), None)
        shown = chosen or transcripts.default_of(tracks)
        cues = await transcripts.read_cues(session, video.id, shown.language) if shown else []
        marked = await chapters.of_video(session, await session.get_one(Video, video.id))
        job = await transcription_jobs.latest(session, video.id)
    return Watching(
        captions=[_caption_track(video.slug, one, job) for one in tracks if one.has_files],
        transcript=_transcript(video.slug, shown, cues) if shown and cues else None,
        chapters=marked.chapters,
        playable_seconds=progress.playable_seconds if progress else None,
        storyboard_url=video.storyboard_url,
        writing=job.percent if job is not None and job.state == "running" else None,
        heat=progress is None and analytics.enabled and analytics.heatmap_viewers > 0,
    )


def _caption_track(slug: str, track: Track, job: JobState | None) -> CaptionTrack:
    return CaptionTrack(
        language=track.language,
        label=track.label,
        url=_captions_url(slug, track.language, "vtt"),
        version=track.version,
        growing=job is not None and job.is_writing(track.language),
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
