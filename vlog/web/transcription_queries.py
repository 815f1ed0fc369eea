"""From wishes for transcriptions to the model of how far they are."""

from __future__ import annotations

from vlog.catalog import transcription_jobs
from vlog.catalog import videos as video_catalog
from vlog.catalog.transcription_jobs import JobState
from vlog.web.models.transcriptions import TranscriptionOut
from vlog.web.services import Services

# What went wrong in here is the admin's business.
_PUBLIC_FAILURE = "The captions of this video could not be made."


async def transcription(services: Services, video_id: int) -> TranscriptionOut:
    """How far the transcription of one video is, as the admin sees it. Raises NotFound."""
    async with services.database.read() as session:
        await video_catalog.listed_by_id(session, video_id)
        state = await transcription_jobs.latest(session, video_id)
    return transcription_out(services, state, public=False)


def transcription_out(
    services: Services, state: JobState | None, *, public: bool
) -> TranscriptionOut:
    """The newest wish for a transcription as JSON."""
    if state is None:
        return TranscriptionOut.model_validate(
            dict.fromkeys(TranscriptionOut.model_fields)
            | {"status": "none", "progress_percent": 0.0, "word_count": 0}
        )
    failed = state.error is not None
    return TranscriptionOut.model_validate(
        {
            "status": state.state,
            "progress_percent": state.percent,
            "seconds_left": services.transcriber.seconds_left(state),
            "reason": None if public else _why_not_transcribed(services, state),
            "error_message": _PUBLIC_FAILURE if public and failed else state.error,
            "started_at": state.started_at,
            "completed_at": state.completed_at,
            "duration_seconds": state.duration_seconds,
            "word_count": state.word_count,
        }
    )


def _why_not_transcribed(services: Services, state: JobState) -> str | None:
    if state.state != "waiting":
        return state.reason
    trouble = services.transcriber.trouble or services.database.trouble
    return trouble or state.reason or "Its turn, once its sound is whole."
