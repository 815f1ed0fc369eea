"""The API of captions: reading, changing, uploading and removing them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from vlog.captions.checking import sound_cues
from vlog.captions.cue import Cue
from vlog.captions.errors import CaptionsInvalid
from vlog.captions.reading import LARGEST_FILE, read_captions
from vlog.captions.text import reflow
from vlog.catalog import transcripts
from vlog.catalog import videos as video_catalog
from vlog.catalog.transcripts import Track
from vlog.errors import Conflict, Invalid, NotFound, PayloadTooLarge
from vlog.web import caption_queries
from vlog.web.caption_models import (
    CaptionsList,
    DoomedCaptions,
    NewCaptions,
    OfferedCaptionsList,
    TranscriptChange,
    TranscriptOut,
    WhichCaptions,
    WhichCues,
)
from vlog.web.operations import Operation, read_body
from vlog.web.services import Services, services_of
from vlog.web.sharing import guarded, key_of

# The most cues with the longest texts that people write.
_LARGEST_CHANGE = 16 * 1024 * 1024


async def get_public_transcript(request: Request, *, query: WhichCues) -> Response:
    """The words of a video, for who may watch it."""
    services, slug = services_of(request), request.path_params["slug"]
    return guarded(
        *await caption_queries.watchable_transcript(services, slug, query, key_of(request))
    )


async def get_offered_captions(request: Request) -> Response:
    """The captions of a video as its player offers them, for who may watch it."""
    services, slug = services_of(request), request.path_params["slug"]
    return guarded(*await caption_queries.offered_captions(services, slug, key_of(request)))


async def list_transcripts(request: Request) -> CaptionsList:
    """All captions of a video."""
    return await caption_queries.admin_captions(
        services_of(request), request.path_params["video_id"]
    )


async def get_transcript(request: Request, *, query: WhichCaptions) -> TranscriptOut:
    """The words of a video."""
    services, video_id = services_of(request), request.path_params["video_id"]
    return await caption_queries.admin_transcript(services, video_id, query.language)


async def upload_captions(request: Request, *, query: NewCaptions) -> TranscriptOut:
    """Take a WebVTT or SubRip file as the captions of a language."""
    services, video_id = services_of(request), request.path_params["video_id"]
    tag = caption_queries.wanted_tag(query.language)
    content = await read_body(request, LARGEST_FILE)
    cues = await asyncio.to_thread(read_captions, content)
    await _tracks(services, video_id)
    await services.database.write(
        partial(
            transcripts.replace,
            video_id=video_id,
            language=tag,
            cues=cues,
            origin=query.origin,
            name=query.name.strip(),
            of_version=query.version,
        ),
        name="upload captions",
    )
    return await _changed(services, video_id, tag)


async def change_transcript(
    request: Request, *, query: WhichCaptions, body: TranscriptChange
) -> TranscriptOut:
    """Change the cues, the text, the name or the language of captions, or begin new ones."""
    services, video_id = services_of(request), request.path_params["video_id"]
    if body.cues is not None and body.text is not None:
        raise Invalid("Send either `cues` or `text`: the text follows from the cues.")
    asked = query.language or body.language
    track = _track_to_change(await _tracks(services, video_id), asked, body)
    if track is None and asked is None:
        raise Invalid("Say in which `language` these captions are.")
    tag = track.language if track else caption_queries.wanted_tag(asked or "")
    if body.cues is not None or body.text is not None:
        await _write_cues(services, video_id, tag, track, body)
    if track is not None:
        # Only with both is there one that is meant and another that it becomes.
        renamed = body.language if query.language else None
        tag = await _describe(services, track, body, renamed or tag)
    return await _changed(services, video_id, tag)


async def remove_transcript(request: Request, *, query: DoomedCaptions) -> Response:
    """Remove the captions of one language."""
    services, video_id = services_of(request), request.path_params["video_id"]
    track = caption_queries.chosen_of(await _tracks(services, video_id), query.language)
    if track is None:
        raise NotFound("This video has no captions.")
    await services.database.write(
        partial(
            transcripts.remove,
            video_id=video_id,
            language=track.language,
            of_version=query.version,
        ),
        name="remove captions",
    )
    await services.caption_files.publish(video_id)
    return Response(status_code=204)


async def _tracks(services: Services, video_id: int) -> list[Track]:
    """The captions of a video that the admin may see. Raises NotFound."""
    async with services.database.read() as session:
        await video_catalog.listed_by_id(session, video_id)
        return await transcripts.tracks_of(session, video_id)


def _track_to_change(
    tracks: list[Track], language: str | None, body: TranscriptChange
) -> Track | None:
    """What is to be changed, or None where cues begin something new. Raises NotFound."""
    try:
        track = caption_queries.chosen_of(tracks, language)
    except NotFound:
        track = None
    if track is None and body.cues is None:
        raise NotFound("There are no such captions yet. Send `cues` with their times, or a file.")
    return track


async def _write_cues(
    services: Services, video_id: int, tag: str, track: Track | None, body: TranscriptChange
) -> None:
    async with services.database.read() as session:
        old = await transcripts.read_cues(session, video_id, tag)
    cues = await asyncio.to_thread(_new_cues, old, body)
    there = track.version if track else 0
    await services.database.write(
        partial(
            transcripts.replace,
            video_id=video_id,
            language=tag,
            cues=cues,
            origin=body.origin or ("edited" if track else "uploaded"),
            name=(body.name.strip() if body.name is not None else track.name if track else ""),
            language_probability=track.language_probability if track else None,
            of_version=body.version if body.version is not None else there,
        ),
        name="change captions",
    )


def _new_cues(old: list[Cue], body: TranscriptChange) -> list[Cue]:
    if body.text is not None:
        if not old:
            raise CaptionsInvalid(
                "There are no cues whose times this text could take. Send `cues`, or upload a "
                "WebVTT or SubRip file."
            )
        return sound_cues(reflow(old, body.text))
    # The times of single words stay with the cues that nobody touched.
    words = {(cue.start, cue.end, cue.text): cue.words for cue in old}
    fresh = sound_cues(Cue(cue.start, cue.end, cue.text) for cue in body.cues or ())
    return [replace(cue, words=words.get((cue.start, cue.end, cue.text), ())) for cue in fresh]


async def _describe(services: Services, track: Track, body: TranscriptChange, language: str) -> str:
    """Change what is said of captions; their tag afterwards."""
    tag = caption_queries.wanted_tag(language)
    changed_cues = body.cues is not None or body.text is not None
    if tag == track.language and (changed_cues or (body.name is None and body.origin is None)):
        return tag
    await services.database.write(
        partial(
            transcripts.describe,
            transcription_id=track.id,
            language=tag,
            name=body.name.strip() if body.name is not None else None,
            origin=body.origin,
            of_version=None if changed_cues else body.version,
        ),
        name="describe captions",
    )
    return tag


async def _changed(services: Services, video_id: int, tag: str) -> TranscriptOut:
    await services.caption_files.publish(video_id)
    return await caption_queries.admin_transcript(services, video_id, tag)


_TRANSCRIPT = "/api/videos/{video_id:int}/transcript"
_TRANSCRIPTS = "/api/videos/{video_id:int}/transcripts"
_CAPTIONS = ("captions",)
_FILES = ("text/vtt", "application/x-subrip", "application/octet-stream")

CAPTIONS_API = [
    Operation(
        "GET",
        _TRANSCRIPTS,
        list_transcripts,
        summary="List the captions of a video",
        response=CaptionsList,
        tags=_CAPTIONS,
        errors=(NotFound,),
    ),
    Operation(
        "POST",
        _TRANSCRIPTS,
        upload_captions,
        summary="Upload a file with captions",
        query=NewCaptions,
        content=_FILES,
        response=TranscriptOut,
        status=201,
        tags=_CAPTIONS,
        errors=(NotFound, Conflict, PayloadTooLarge, CaptionsInvalid),
    ),
    Operation(
        "GET",
        _TRANSCRIPT,
        get_transcript,
        summary="Get the transcript of a video",
        query=WhichCaptions,
        response=TranscriptOut,
        tags=_CAPTIONS,
        errors=(NotFound,),
    ),
    Operation(
        "PUT",
        _TRANSCRIPT,
        change_transcript,
        summary="Change the transcript of a video",
        query=WhichCaptions,
        body=TranscriptChange,
        largest_body=_LARGEST_CHANGE,
        response=TranscriptOut,
        tags=_CAPTIONS,
        errors=(NotFound, Conflict, PayloadTooLarge, CaptionsInvalid),
    ),
    Operation(
        "DELETE",
        _TRANSCRIPT,
        remove_transcript,
        summary="Remove the captions of one language",
        query=DoomedCaptions,
        status=204,
        tags=_CAPTIONS,
        errors=(NotFound, Conflict),
    ),
]

PUBLIC_CAPTIONS_API = [
    Operation(
        "GET",
        "/api/videos/{slug}/captions",
        get_offered_captions,
        summary="List the captions that a player offers",
        response=OfferedCaptionsList,
        tags=_CAPTIONS,
        errors=(NotFound,),
    ),
    Operation(
        "GET",
        "/api/videos/{slug}/transcript",
        get_public_transcript,
        summary="Get the transcript of a video",
        query=WhichCues,
        response=TranscriptOut,
        tags=_CAPTIONS,
        errors=(NotFound,),
    ),
]
