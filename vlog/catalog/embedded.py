"""Captions that came with a video's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.cue import Cue
from vlog.catalog import leases, transcripts
from vlog.database.schema import TranscodingJob, Video
from vlog.database.types import now

# What a person has made or changed stays.
_REPLACED = ("automatic", "embedded")


@dataclass(frozen=True)
class EmbeddedCaptions:
    """The captions of one language tag, with the name that people choose them by."""

    language: str
    name: str
    cues: Sequence[Cue]


async def keep(
    session: AsyncSession, token: str, found: Sequence[EmbeddedCaptions], notice: str | None
) -> None:
    """Keep what was found, and end the piece of work that looked for it. Raises LeaseLost."""
    unit = await leases.finish(session, token, now())
    job = await session.get_one(TranscodingJob, unit.job_id)
    video = await session.get_one(Video, job.video_id)
    if job.replaces and job.revision != video.revision:
        # Viewers have another file still.
        job.facts = _with_captions(job.facts or {}, found, notice)
        return
    if notice is not None:
        video.notice = f"{video.notice} {notice}" if video.notice else notice
    origins = {
        track.language: track.origin for track in await transcripts.tracks_of(session, video.id)
    }
    for captions in found:
        if captions.cues and origins.get(captions.language, "automatic") in _REPLACED:
            await transcripts.replace(
                session,
                video.id,
                captions.language,
                captions.cues,
                origin="embedded",
                name=captions.name,
            )


def _with_captions(
    facts: dict[str, Any], found: Sequence[EmbeddedCaptions], notice: str | None
) -> dict[str, Any]:
    captions = [
        {
            "language": one.language,
            "name": one.name,
            "cues": [(cue.start, cue.end, cue.text, cue.words) for cue in one.cues],
        }
        for one in found
        if one.cues
    ]
    said = " ".join(filter(None, (facts.get("notice"), notice))) or None
    return {**facts, "captions": captions, "notice": said}
