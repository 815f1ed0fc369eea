"""From transcripts to the models of captions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from vlog.captions.cue import Cue
from vlog.captions.text import paragraphs
from vlog.catalog import access as access_catalog
from vlog.catalog import transcription_jobs, transcripts
from vlog.catalog import videos as video_catalog
from vlog.catalog.access import Access
from vlog.catalog.transcription_jobs import JobState
from vlog.catalog.transcripts import Track
from vlog.catalog.videos import ListedVideo
from vlog.errors import Invalid, NotFound
from vlog.languages import UNKNOWN, language_tag
from vlog.web import transcription_queries
from vlog.web.caption_models import (
    CaptionsList,
    CaptionsOut,
    CueOut,
    OfferedCaptions,
    OfferedCaptionsList,
    TranscriptOut,
    WhichCues,
)
from vlog.web.services import Services


@dataclass(frozen=True)
class _Found:
    track: Track | None
    cues: list[Cue]
    job: JobState | None


def wanted_tag(language: str) -> str:
    """The tag that somebody means. Raises Invalid."""
    tag = language_tag(language)
    if tag == UNKNOWN and language != UNKNOWN:
        raise Invalid(
            f"“{language}” is not the tag of a language. Use one such as en, de or pt-BR, or und "
            "where nobody knows the language."
        )
    return tag


def chosen_of(tracks: Sequence[Track], language: str | None) -> Track | None:
    """The track of a language, or the one for whoever does not choose. Raises NotFound."""
    if language is None:
        return transcripts.default_of(tracks)
    tag = wanted_tag(language)
    found = next((track for track in tracks if track.language == tag), None)
    if found is None:
        raise NotFound("This video has no captions in this language.")
    return found


async def watchable_transcript(
    services: Services, slug: str, wanted: WhichCues, key: str | None
) -> tuple[TranscriptOut, Access]:
    """The words of a video for who may watch it. Raises NotFound."""
    async with services.database.read() as session:
        item, access = await video_catalog.watchable_by_slug(session, slug, key)
    return await _transcript(services, item, wanted, public=True), access


async def offered_captions(
    services: Services, slug: str, key: str | None
) -> tuple[OfferedCaptionsList, Access]:
    """What a player offers of a video's captions. Raises NotFound."""
    async with services.database.read() as session:
        access = await access_catalog.of_slug(session, slug, key)
        tracks = await transcripts.tracks_of(session, access.video_id)
        job = await transcription_jobs.latest(session, access.video_id)
    captions = [
        OfferedCaptions(
            language=track.language,
            label=track.label,
            vtt_url=_file(track, slug),
            version=track.version,
            growing=job is not None and job.is_writing(track.language),
        )
        for track in tracks
        if track.has_files
    ]
    state = transcription_queries.transcription_out(services, job, public=True)
    return OfferedCaptionsList(captions=captions, transcription=state), access


async def admin_transcript(
    services: Services, video_id: int, language: str | None
) -> TranscriptOut:
    """The words of a video. Raises NotFound."""
    async with services.database.read() as session:
        item = await video_catalog.listed_by_id(session, video_id)
    return await _transcript(services, item, WhichCues(language=language), public=False)


async def admin_captions(services: Services, video_id: int) -> CaptionsList:
    """All captions of a video. Raises NotFound."""
    async with services.database.read() as session:
        video = (await video_catalog.listed_by_id(session, video_id)).video
        tracks = await transcripts.tracks_of(session, video_id)
        job = await transcription_jobs.latest(session, video_id)
    default = transcripts.default_of(tracks)
    return CaptionsList(
        transcription=transcription_queries.transcription_out(services, job, public=False),
        transcripts=[
            CaptionsOut.model_validate(
                _track_values(track, video.slug) | {"default": track is default}
            )
            for track in tracks
        ],
    )


async def _transcript(
    services: Services, item: ListedVideo, wanted: WhichCues, *, public: bool
) -> TranscriptOut:
    video = item.video
    async with services.database.read() as session:
        track = chosen_of(await transcripts.tracks_of(session, video.id), wanted.language)
        cues: list[Cue] = []
        if track is not None:
            cues = await transcripts.read_cues(
                session, video.id, track.language, after=wanted.after
            )
        job = await transcription_jobs.latest(session, video.id)
    found = _Found(track, cues, job)
    return await asyncio.to_thread(_transcript_out, services, found, video.slug, public)


def _transcript_out(services: Services, found: _Found, slug: str, public: bool) -> TranscriptOut:
    state = transcription_queries.transcription_out(services, found.job, public=public)
    nothing = {
        **dict.fromkeys(("language", "origin", "language_probability", "updated_at", "vtt_url")),
        "name": "",
        "label": "",
        "version": 0,
        "word_count": 0,
    }
    track = found.track
    values = _track_values(track, slug) if track else nothing
    cues = [CueOut(start=cue.start, end=cue.end, text=cue.text) for cue in found.cues]
    return TranscriptOut.model_validate(
        state.model_dump() | values | {"text": paragraphs(found.cues), "cues": cues}
    )


def _track_values(track: Track, slug: str) -> dict[str, object]:
    return {
        "language": track.language,
        "name": track.name,
        "label": track.label,
        "origin": track.origin,
        "language_probability": track.language_probability,
        "word_count": track.word_count,
        "version": track.version,
        "updated_at": track.updated_at,
        "vtt_url": _file(track, slug) if track.has_files else None,
    }


def _file(track: Track, slug: str) -> str:
    return f"/videos/{slug}/captions-{track.language}.vtt"
