"""The words of a video: one transcript a language, kept as cues.

Every change marks the video, so that the files of its captions follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.cue import Cue, Word
from vlog.catalog import due_captions, webhook_events
from vlog.database import schema
from vlog.database.schema import Transcription, Video
from vlog.database.types import now
from vlog.errors import Conflict, NotFound
from vlog.languages import language_name

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
    has_files: bool = False

    @property
    def label(self) -> str:
        """What people choose it by: the name it was given, or its language."""
        if self.name:
            return self.name
        automatic = " (automatic)" if self.origin == "automatic" else ""
        return f"{language_name(self.language)}{automatic}"


async def tracks_of(session: AsyncSession, video_id: int) -> list[Track]:
    """Every transcript of a video, by language."""
    return (await tracks_of_videos(session, [video_id])).get(video_id, [])


async def tracks_of_videos(
    session: AsyncSession, video_ids: Sequence[int]
) -> dict[int, list[Track]]:
    """Every transcript of several videos, by video id and then by language."""
    rows = await session.scalars(
        select(Transcription)
        .where(Transcription.video_id.in_(video_ids))
        .order_by(Transcription.video_id, Transcription.language)
    )
    found: dict[int, list[Track]] = {}
    for row in rows:
        found.setdefault(row.video_id, []).append(_track(row))
    return found


def default_of(tracks: Sequence[Track]) -> Track | None:
    """The track for whoever does not choose: the first that came, of those for everybody.

    A private subtag marks what is beside the main one of a language, such as signs alone.
    """
    return min(tracks, key=lambda track: ("-x-" in track.language, track.id), default=None)


async def read_cues(
    session: AsyncSession, video_id: int, language: str, *, after: float | None = None
) -> list[Cue]:
    """The cues of one transcript in order; none where there is no such transcript.

    With `after` only those that begin later than so many seconds.
    """
    wanted = (
        select(schema.Cue)
        .join(Transcription, Transcription.id == schema.Cue.transcription_id)
        .where(Transcription.video_id == video_id, Transcription.language == language)
        .order_by(schema.Cue.start, schema.Cue.id)
    )
    rows = await session.scalars(
        wanted if after is None else wanted.where(schema.Cue.start > after)
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
    of_version: int | None = None,
) -> Track:
    """Put these cues in the place of whatever is there in this language.

    Raises:
        Conflict: what is there is not the version that the change was made of; 0 is nothing.
    """
    row = await _row(session, video_id, language)
    _same_version(row, of_version)
    is_new = row is None
    if row is None:
        row = Transcription(video_id=video_id, language=language, version=0)
        session.add(row)
    else:
        await session.execute(delete(schema.Cue).where(schema.Cue.transcription_id == row.id))
    row.name, row.origin, row.language_probability = name, origin, language_probability
    row.word_count = 0
    await session.flush()
    if is_new and origin != "automatic":
        # Of automatic ones these are only the first words.
        video = await session.get_one(Video, video_id)
        await webhook_events.note(session, "captions.ready", video, language=language)
    return await _add(session, row, cues)


async def append(session: AsyncSession, transcription_id: int, cues: Sequence[Cue]) -> Track:
    """Add cues that come after those that are there. Raises NotFound."""
    row = await session.get(Transcription, transcription_id)
    if row is None:
        raise NotFound("This transcript is gone.")
    return await _add(session, row, cues)


async def remove(
    session: AsyncSession, video_id: int, language: str, *, of_version: int | None = None
) -> None:
    """Remove one transcript with its cues. Raises NotFound, Conflict."""
    row = await _row(session, video_id, language)
    if row is None:
        raise NotFound("This video has no captions in this language.")
    _same_version(row, of_version)
    await session.delete(row)
    await session.flush()
    await due_captions.mark(session, video_id)


async def describe(
    session: AsyncSession,
    transcription_id: int,
    *,
    language: str,
    name: str | None,
    origin: Origin | None,
    of_version: int | None = None,
) -> Track:
    """Change what is said of a transcript; its cues stay. Raises NotFound, Conflict."""
    row = await session.get(Transcription, transcription_id)
    if row is None:
        raise NotFound("This transcript is gone.")
    _same_version(row, of_version)
    if language != row.language:
        if await _row(session, row.video_id, language) is not None:
            raise Conflict("This video has captions in that language already. Remove them first.")
        row.language = language
        # Files carry the language in their names, and those are not there yet.
        row.has_files = False
    row.name = row.name if name is None else name
    row.origin = origin or row.origin
    return await _add(session, row, [])


async def have_files(session: AsyncSession, transcription_ids: Sequence[int]) -> None:
    """The files of these transcripts are in their places."""
    for row in await session.scalars(
        select(Transcription).where(
            Transcription.id.in_(transcription_ids), Transcription.has_files.is_(False)
        )
    ):
        row.has_files = True


async def are_due(session: AsyncSession, video_id: int) -> None:
    """The clock or the folder of the video has changed: its captions' files must be written."""
    if await tracks_of(session, video_id):
        await due_captions.mark(session, video_id)


async def _row(session: AsyncSession, video_id: int, language: str) -> Transcription | None:
    return await session.scalar(
        select(Transcription).where(
            Transcription.video_id == video_id, Transcription.language == language
        )
    )


def _same_version(row: Transcription | None, wanted: int | None) -> None:
    if wanted is not None and wanted != (row.version if row else 0):
        raise Conflict(
            "Somebody has changed these captions since you opened them. Open them again: your "
            "change would undo theirs."
        )


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
    await due_captions.mark(session, row.video_id)
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
        has_files=row.has_files,
    )
