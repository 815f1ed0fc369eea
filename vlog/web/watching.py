"""What stands around a video where it is watched: captions, transcript, chapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.cue import Cue
from vlog.catalog.timestamps import ChapterMark, chapters_in
from vlog.database import schema
from vlog.database.schema import Chapter, Transcription
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
    chapters: Sequence[ChapterMark]
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
        rows = list(
            await session.scalars(
                select(Transcription)
                .where(Transcription.video_id == video.id)
                .order_by(Transcription.language)
            )
        )
        shown = next((row for row in rows if row.language == language), rows[0] if rows else None)
        cues = await _cues(session, shown.id) if shown else []
        chapters = await _chapters(session, video)
    return Watching(
        captions=[
            CaptionTrack(row.language, _label(row), _captions_url(video.slug, row.language, "vtt"))
            for row in rows
        ],
        transcript=_transcript(video.slug, shown, cues) if shown and cues else None,
        chapters=chapters,
        playable_seconds=progress.playable_seconds if progress else None,
    )


async def _cues(session: AsyncSession, transcription_id: int) -> list[Cue]:
    rows = await session.execute(
        select(schema.Cue.start, schema.Cue.end, schema.Cue.text)
        .where(schema.Cue.transcription_id == transcription_id)
        .order_by(schema.Cue.start, schema.Cue.id)
    )
    return [Cue(*row) for row in rows]


async def _chapters(session: AsyncSession, video: VideoOut) -> list[ChapterMark]:
    """Its own chapters, or those that the description lists."""
    rows = await session.execute(
        select(Chapter.start, Chapter.end, Chapter.title)
        .where(Chapter.video_id == video.id)
        .order_by(Chapter.start)
    )
    own = [ChapterMark(*row) for row in rows]
    return own or chapters_in(video.description, video.duration or 0.0)


def _transcript(slug: str, row: Transcription, cues: list[Cue]) -> Transcript:
    return Transcript(
        language=row.language,
        label=_label(row),
        cues=cues,
        downloads=[
            (kind, _captions_url(slug, row.language, ending))
            for kind, ending in (("WebVTT", "vtt"), ("SubRip", "srt"), ("Text", "txt"))
        ],
    )


def _label(row: Transcription) -> str:
    name = row.name or row.language
    return f"{name} (automatic)" if row.origin == "automatic" else name


def _captions_url(slug: str, language: str, ending: str) -> str:
    return f"/videos/{slug}/captions-{language}.{ending}"
