"""The words of a video: one transcript a language, kept as cues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.cue import Cue, Word
from vlog.database import schema
from vlog.database.schema import Transcription
from vlog.database.types import now
from vlog.errors import NotFound

Origin = Literal["automatic", "edited", "uploaded", "embedded"]


@dataclass(frozen=True)
class Track:
    """A transcript without its cues. `language` is BCP 47, `und` where nobody knows it."""

    id: int
    language: str
    name: str
    origin: str
    language_probability: float | None
    word_count: int
    version: int
    updated_at: datetime


async def tracks_of(session: AsyncSession, video_id: int) -> list[Track]:
    """Every transcript of a video, by language."""
    rows = await session.scalars(
        select(Transcription)
        .where(Transcription.video_id == video_id)
        .order_by(Transcription.language)
    )
    return [_track(row) for row in rows]


async def read_cues(session: AsyncSession, video_id: int, language: str) -> list[Cue]:
    """The cues of one transcript in order; none where there is no such transcript."""
    rows = await session.scalars(
        select(schema.Cue)
        .join(Transcription, Transcription.id == schema.Cue.transcription_id)
        .where(Transcription.video_id == video_id, Transcription.language == language)
        .order_by(schema.Cue.start, schema.Cue.id)
    )
    return [
        Cue(row.start, row.end, row.text, tuple(Word(*word) for word in row.words or ()))
        for row in rows
    ]


async def replace(
    session: AsyncSession,
    video_id: int,
    language: str,
    cues: Sequence[Cue],
    *,
    origin: Origin,
    name: str = "",
    language_probability: float | None = None,
) -> Track:
    """Put these cues in the place of whatever is there in this language."""
    row = await session.scalar(
        select(Transcription).where(
            Transcription.video_id == video_id, Transcription.language == language
        )
    )
    if row is None:
        row = Transcription(video_id=video_id, language=language, version=0)
        session.add(row)
    else:
        await session.execute(delete(schema.Cue).where(schema.Cue.transcription_id == row.id))
    row.name, row.origin, row.language_probability = name, origin, language_probability
    row.word_count = 0
    await session.flush()
    return await _add(session, row, cues)


async def append(session: AsyncSession, transcription_id: int, cues: Sequence[Cue]) -> Track:
    """Add cues that come after those that are there. Raises NotFound."""
    row = await session.get(Transcription, transcription_id)
    if row is None:
        raise NotFound("This transcript is gone.")
    return await _add(session, row, cues)


async def remove(session: AsyncSession, video_id: int, language: str) -> None:
    """Remove one transcript with its cues. Raises NotFound."""
    row = await session.scalar(
        select(Transcription).where(
            Transcription.video_id == video_id, Transcription.language == language
        )
    )
    if row is None:
        raise NotFound("This video has no captions in this language.")
    await session.delete(row)


async def _add(session: AsyncSession, row: Transcription, cues: Sequence[Cue]) -> Track:
    session.add_all(
        schema.Cue(
            transcription_id=row.id,
            start=cue.start,
            end=cue.end,
            text=cue.text,
            words=[tuple(word) for word in cue.words] or None,
        )
        for cue in cues
    )
    row.word_count += sum(len(cue.text.split()) for cue in cues)
    row.version += 1
    row.updated_at = now()
    await session.flush()
    return _track(row)


def _track(row: Transcription) -> Track:
    return Track(
        id=row.id,
        language=row.language,
        name=row.name,
        origin=row.origin,
        language_probability=row.language_probability,
        word_count=row.word_count,
        version=row.version,
        updated_at=row.updated_at,
    )
