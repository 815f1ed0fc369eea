"""The admin API of transcribing: asking for it, and giving it up."""

from __future__ import annotations

from starlette.requests import Request

from vlog.captions.speech_languages import spoken_language
from vlog.errors import Conflict, Invalid, NotFound
from vlog.web import transcription_queries
from vlog.web.models.transcriptions import TranscriptionOut, TranscriptionWish
from vlog.web.operations import Operation
from vlog.web.services import services_of


async def transcribe(request: Request, *, body: TranscriptionWish) -> TranscriptionOut:
    """Have the speech of a video written down, in the language that is spoken or a given one."""
    services, video_id = services_of(request), request.path_params["video_id"]
    language = spoken_language(body.language or "")
    await services.transcriber.wish(video_id, language)
    return await transcription_queries.transcription(services, video_id)


async def cancel_transcription(request: Request) -> TranscriptionOut:
    """Stop transcribing a video. What was written of it so far is removed."""
    services, video_id = services_of(request), request.path_params["video_id"]
    await services.transcriber.cancel(video_id)
    return await transcription_queries.transcription(services, video_id)


_TRANSCRIBE = "/api/videos/{video_id:int}/transcribe"
_CAPTIONS = ("captions",)

TRANSCRIPTION_API = [
    Operation(
        "POST",
        _TRANSCRIBE,
        transcribe,
        summary="Transcribe a video",
        body=TranscriptionWish,
        response=TranscriptionOut,
        status=202,
        tags=_CAPTIONS,
        errors=(NotFound, Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        _TRANSCRIBE,
        cancel_transcription,
        summary="Cancel the transcription of a video",
        response=TranscriptionOut,
        tags=_CAPTIONS,
        errors=(NotFound, Conflict),
    ),
]
