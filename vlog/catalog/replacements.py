"""Another file in the place of a video's own: same address, same words about it, new picture.

The new file belongs to a job of its own, and viewers have what they had until that job's revision
is whole. In one commit the revision is served, the file becomes the video's, and what was made of
the old one goes: automatic captions, chapters of the container, a frame as the picture for lists.
What people wrote stays. As with a first file, the row names both places before the file moves.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.captions.chapters import Chapter
from vlog.captions.cue import Cue, Word
from vlog.catalog import chapters, thumbnails, transcripts, work_order
from vlog.catalog.visibility import LISTED
from vlog.database.schema import (
    DoomedSource,
    Publication,
    TranscodingJob,
    TranscriptionJob,
    Upload,
    Video,
    VideoProfile,
    WorkUnit,
)
from vlog.errors import NotFound

# Nobody waits for a file that replaces one which can be watched.
_NOT_URGENT = 1
_UNFINISHED = ("queued", "running", "failed")
_OF_THE_OLD_FILE = ("automatic", "embedded")


async def require(session: AsyncSession, video_id: int) -> Video:
    """A video whose file can be replaced. Raises NotFound."""
    video = await session.get(Video, video_id)
    if video is None or video.status not in LISTED:
        raise NotFound("The video whose file is to be replaced is not there any more.")
    return video


async def register(
    session: AsyncSession,
    video_id: int,
    *,
    filename: str,
    extension: str,
    size: int,
    incoming_name: str,
) -> TranscodingJob:
    """Add the job of a file that is whole in `.incoming`. Raises NotFound."""
    await require(session, video_id)
    highest = await session.scalar(
        select(func.max(TranscodingJob.revision)).where(TranscodingJob.video_id == video_id)
    )
    revision = (highest or 0) + 1
    job = TranscodingJob(
        video_id=video_id,
        revision=revision,
        state="receiving",
        replaces=True,
        source_name=f"{video_id}-r{revision}{extension}",
        incoming_name=incoming_name,
        source_filename=filename[:255],
        source_size=size,
    )
    session.add(job)
    await session.flush()
    return job


async def rename_source(session: AsyncSession, job_id: int, source_name: str) -> None:
    """Choose another place: a file dropped by hand sits at the first one."""
    job = await session.get_one(TranscodingJob, job_id)
    job.source_name = source_name


async def mark_received(session: AsyncSession, job_id: int) -> None:
    """The file is in its place: the work on it begins, and that on earlier files ends."""
    job = await session.get_one(TranscodingJob, job_id)
    if job.state != "receiving":
        return
    video = await session.get_one(Video, job.video_id)
    ready = video.status == "ready"
    for other in await session.scalars(
        select(TranscodingJob).where(
            TranscodingJob.video_id == video.id,
            TranscodingJob.id != job.id,
            TranscodingJob.state.in_(_UNFINISHED),
        )
    ):
        await give_up(session, other)
    job.state = "queued"
    job.incoming_name = None
    job.serves_from = "ready" if ready else "playable"
    wave = _NOT_URGENT if ready else work_order.URGENT
    session.add(WorkUnit(job_id=job.id, kind="plan", wave=wave, position=0, priority=job.priority))
    if not ready:
        video.status = "pending"
        video.error_message = video.error_log = None


async def give_up(session: AsyncSession, job: TranscodingJob) -> None:
    """Nobody wants what a job makes any more; a file of its own goes."""
    units = select(WorkUnit.id).where(WorkUnit.job_id == job.id)
    await session.execute(delete(Publication).where(Publication.unit_id.in_(units)))
    await session.execute(delete(WorkUnit).where(WorkUnit.job_id == job.id))
    job.state = "discarded"
    await drop_source(session, job)


async def drop_source(session: AsyncSession, job: TranscodingJob) -> None:
    """The file of a job that is given up is to be removed."""
    if job.source_name is not None:
        session.add(DoomedSource(name=job.source_name))
        job.source_name = None


async def forget(session: AsyncSession, job_id: int) -> None:
    """Remove a job whose file never arrived; its upload, if it is there still, is open again."""
    job = await session.get(TranscodingJob, job_id)
    if job is None or job.state != "receiving":
        return
    if job.incoming_name is not None:
        upload_id = job.incoming_name.partition(".")[0]
        await session.execute(update(Upload).where(Upload.id == upload_id).values(video_id=None))
    await session.delete(job)


async def take_over(session: AsyncSession, job: TranscodingJob, video: Video) -> None:
    """In the commit that serves the job's revision: its file is the video's from here on."""
    if video.source_name is not None:
        session.add(DoomedSource(name=video.source_name))
    video.source_name, job.source_name = job.source_name, None
    video.source_filename = job.source_filename or ""
    video.source_size, video.source_sha256 = job.source_size, None
    video.source_present = True
    facts = job.facts or {}
    video.duration = facts["duration"]
    video.source_width, video.source_height = facts["width"], facts["height"]
    found = [Chapter(*chapter) for chapter in facts["chapters"]]
    await chapters.from_container(session, video.id, found)
    kept = await _replace_captions(session, video, facts.get("captions", []))
    video.notice = " ".join(filter(None, (facts["notice"], kept))) or None
    # Which parts were watched says nothing of this file.
    await session.execute(
        update(VideoProfile)
        .where(VideoProfile.video_id == video.id)
        .values(coverage=[], replays=[])
    )
    if video.thumbnail_origin == "frame":
        video.thumbnail_origin = "automatic"
    if facts.get("thumbnail"):
        thumbnails.show_automatic(video, job.revision)


async def _replace_captions(
    session: AsyncSession, video: Video, found: list[dict[str, Any]]
) -> str | None:
    """Captions that were heard in or came with the old file go; a sentence on those that stay."""
    stays = []
    for track in await transcripts.tracks_of(session, video.id):
        if track.origin in _OF_THE_OLD_FILE:
            await transcripts.remove(session, video.id, track.language)
        else:
            stays.append(track)
    # Without a wish, the new sound is listened to as that of a new video.
    await session.execute(delete(TranscriptionJob).where(TranscriptionJob.video_id == video.id))
    for captions in found:
        if all(track.language != captions["language"] for track in stays):
            cues = [
                Cue(start, end, text, tuple(Word(*word) for word in words))
                for start, end, text, words in captions["cues"]
            ]
            await transcripts.replace(
                session,
                video.id,
                captions["language"],
                cues,
                origin="embedded",
                name=captions["name"],
            )
    if not stays:
        return None
    names = ", ".join(track.label for track in stays)
    return f"Captions that people wrote for the file before were kept: {names}. See if they fit."


async def unfinished(session: AsyncSession) -> list[TranscodingJob]:
    """Jobs that a crash left between their file's two places."""
    found = await session.scalars(
        select(TranscodingJob)
        .join(Video, Video.id == TranscodingJob.video_id)
        .where(TranscodingJob.state == "receiving", Video.status.in_(LISTED))
    )
    return list(found)


async def sources_of(session: AsyncSession, video_id: int) -> list[str]:
    """The files that wait to replace that of a video."""
    found = await session.scalars(
        select(TranscodingJob.source_name).where(
            TranscodingJob.video_id == video_id, TranscodingJob.source_name.is_not(None)
        )
    )
    return [name for name in found if name is not None]


async def owned_sources(session: AsyncSession) -> set[str]:
    """Names in `uploads/` that belong to a job, or go at the next opportunity."""
    waiting = await session.scalars(
        select(TranscodingJob.source_name).where(TranscodingJob.source_name.is_not(None))
    )
    return {name for name in waiting if name is not None} | set(await doomed_sources(session))


async def owned_incoming(session: AsyncSession) -> set[str]:
    """Names in `.incoming` that belong to a job."""
    found = await session.scalars(
        select(TranscodingJob.incoming_name).where(TranscodingJob.state == "receiving")
    )
    return {name for name in found if name is not None}


async def doomed_sources(session: AsyncSession) -> list[str]:
    """Files that were replaced or given up, and are to be removed."""
    return list(await session.scalars(select(DoomedSource.name)))


async def source_removed(session: AsyncSession, name: str) -> None:
    """Such a file is gone."""
    await session.execute(delete(DoomedSource).where(DoomedSource.name == name))
