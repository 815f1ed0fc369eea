"""How far a video is, derived from committed segments and live leases alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import pausing
from vlog.catalog.revisions import UNFINISHED
from vlog.catalog.sounds import FIRST_SOUND, is_sound
from vlog.database.schema import QualityProgress, TranscodingJob, Video, VideoQuality, WorkUnit
from vlog.database.types import now

Rows = list[tuple[VideoQuality, QualityProgress]]

# Sound costs about as much as this many pixels of picture.
_SOUND_PIXELS = 10_000
# Before this much is done a guess of the time left is worth nothing.
_LEAST_PERCENT_TO_GUESS = 3.0
_LEAST_SECONDS_TO_GUESS = 2.0


@dataclass(frozen=True)
class RenditionProgress:
    """One rendition: `percent` of its seconds published or in the encoder."""

    name: str
    kind: str
    status: str
    percent: float
    width: int | None
    height: int | None
    bitrate: int
    copied: bool
    size: int
    language: str | None = None
    title: str | None = None

    @property
    def is_other_sound(self) -> bool:
        """Whether it is one that a viewer has to choose."""
        return self.kind == "audio" and self.name != FIRST_SOUND


@dataclass(frozen=True)
class VideoProgress:
    """A video on its way. Seconds and percent."""

    video: Video
    current_step: str
    percent: float
    renditions: tuple[RenditionProgress, ...]
    playable_seconds: float
    attempt: int
    started_at: datetime | None
    last_error: str | None
    last_error_log: str | None
    waiting_for: str | None
    seconds_left: float | None
    beside: Beside | None = None


@dataclass(frozen=True)
class Beside:
    """What is made while viewers have another revision: a new one, or a rung that joins it."""

    job: TranscodingJob
    status: str
    progress: VideoProgress


async def of_videos(session: AsyncSession, videos: list[Video]) -> dict[int, VideoProgress]:
    """The progress of several videos in a fixed number of queries, by video id."""
    ids = [video.id for video in videos]
    jobs: dict[int, list[TranscodingJob]] = {}
    for job in await session.scalars(
        select(TranscodingJob)
        .join(Video, Video.id == TranscodingJob.video_id)
        .where(Video.id.in_(ids))
        .where(
            or_(
                TranscodingJob.revision == Video.revision,
                (TranscodingJob.revision > Video.revision) & TranscodingJob.state.in_(UNFINISHED),
            )
        )
        .order_by(TranscodingJob.revision)
    ):
        jobs.setdefault(job.video_id, []).append(job)
    units: dict[int, list[WorkUnit]] = {}
    for unit in await session.scalars(
        select(WorkUnit)
        .where(
            WorkUnit.job_id.in_([job.id for found in jobs.values() for job in found]),
            WorkUnit.state.in_(("todo", "leased", "failed")),
        )
        .order_by(WorkUnit.wave, WorkUnit.position)
    ):
        units.setdefault(unit.job_id, []).append(unit)
    rows: dict[tuple[int, int], Rows] = {}
    for quality, progress in await session.execute(
        select(VideoQuality, QualityProgress)
        .join(QualityProgress, QualityProgress.quality_id == VideoQuality.id)
        .where(VideoQuality.video_id.in_(ids))
        .order_by(VideoQuality.position)
    ):
        rows.setdefault((quality.video_id, quality.revision), []).append((quality, progress))
    paused = await pausing.since(session) is not None
    found = {video.id: _of_video(video, jobs.get(video.id, []), units, rows) for video in videos}
    return {video_id: _paused(one) for video_id, one in found.items()} if paused else found


def _paused(found: VideoProgress) -> VideoProgress:
    beside = found.beside
    if beside is not None:
        beside = replace(beside, progress=_paused(beside.progress))
    waits = pausing.PAUSED if found.waiting_for is not None else None
    return replace(found, beside=beside, waiting_for=waits)


def _of_video(
    video: Video,
    jobs: list[TranscodingJob],
    units: dict[int, list[WorkUnit]],
    rows: dict[tuple[int, int], Rows],
) -> VideoProgress:
    # One that takes over as soon as it can be watched is the video's own way to its viewers.
    own = next((job for job in reversed(jobs) if job.serves_from == "playable"), None)
    main = own or next((job for job in jobs if job.revision == video.revision), None)
    beside = next((job for job in reversed(jobs) if job is not main), None)
    if own is not None and own.revision != video.revision:
        beside = None
    found = _derive(
        video,
        video.status,
        main,
        units.get(main.id, []) if main else [],
        rows.get((video.id, main.revision if main else video.revision), []),
    )
    if beside is None or beside.revision == video.revision:
        return found
    status = {"queued": "pending", "failed": "failed"}.get(beside.state, "processing")
    other = _derive(
        video,
        status,
        beside,
        units.get(beside.id, []),
        rows.get((video.id, beside.revision), []),
    )
    return replace(found, beside=Beside(beside, status, other))


def _derive(
    video: Video, status: str, job: TranscodingJob | None, units: list[WorkUnit], rows: Rows
) -> VideoProgress:
    duration = _duration(video, job)
    renditions = tuple(_rendition(duration, quality, progress, units) for quality, progress in rows)
    percent = 100.0 if status == "ready" else _overall(renditions)
    running = [unit for unit in units if unit.state == "leased"]
    failed = next((unit for unit in units if unit.error), None)
    return VideoProgress(
        video=video,
        current_step=_step(status, running),
        percent=percent,
        renditions=renditions,
        playable_seconds=_playable(video, rows),
        attempt=max((unit.attempt for unit in units), default=1) or 1,
        started_at=job.started_at if job else None,
        last_error=(failed.error if failed else job.error if job else None)
        or (video.error_message if status == video.status else None),
        last_error_log=failed.error_log if failed else job.error_log if job else None,
        waiting_for=_waiting(status, units, running),
        seconds_left=_time_left(duration, job, percent, renditions, running),
    )


def _duration(video: Video, job: TranscodingJob | None) -> float:
    """Seconds of the file that is worked on; one that replaces another has a length of its own."""
    if job is not None and job.replaces and job.revision != video.revision:
        length: float = (job.facts or {}).get("duration", 0.0)
        return length
    return video.duration or 0.0


def _rendition(
    duration: float, quality: VideoQuality, progress: QualityProgress, units: list[WorkUnit]
) -> RenditionProgress:
    encoding = sum(
        unit.encoded_seconds
        for unit in units
        if unit.state == "leased" and quality.quality in unit.renditions and unit.kind == "part"
    )
    share = (progress.committed_seconds + encoding) / duration if duration > 0 else 0.0
    whole = quality.status == "ready"
    return RenditionProgress(
        name=quality.quality,
        kind=quality.kind,
        status=quality.status if encoding <= 0 or whole else "processing",
        percent=100.0 if whole else round(min(99.0, 100.0 * share), 1),
        width=quality.width,
        height=quality.height,
        bitrate=quality.bitrate,
        copied=quality.copied,
        size=progress.committed_bytes,
        language=quality.language,
        title=quality.title,
    )


def _overall(renditions: tuple[RenditionProgress, ...]) -> float:
    total = sum(_cost(rendition) for rendition in renditions)
    if not total:
        return 0.0
    done = sum(_cost(rendition) * rendition.percent for rendition in renditions)
    return round(min(99.0, done / total), 1)


def _cost(rendition: RenditionProgress) -> int:
    """What a second of it costs, in pixels."""
    if rendition.copied or rendition.kind == "audio":
        return _SOUND_PIXELS
    return (rendition.width or 0) * (rendition.height or 0) or _SOUND_PIXELS


def _playable(video: Video, rows: Rows) -> float:
    if video.playable_at is None:
        return 0.0
    if video.status == "ready":
        return video.duration or 0.0
    pictures = [p.committed_seconds for q, p in rows if q.kind == "video"]
    sounds = [p.committed_seconds for q, p in rows if q.quality == FIRST_SOUND]
    longest = max(pictures) if pictures else max(sounds, default=0.0)
    return round(min([longest, *sounds, video.duration or longest]), 3)


def _step(status: str, running: list[WorkUnit]) -> str:
    if status == "ready":
        return "Ready"
    if status == "failed":
        return "Failed"
    if not running:
        return "Waiting"
    made = {name for unit in running for name in unit.renditions}
    rungs = sorted((name for name in made if not is_sound(name)), key=_lines, reverse=True)
    kinds = {unit.kind for unit in running}
    if kinds == {"plan"}:
        return "Looking at the file"
    if kinds == {"finalize"}:
        return "Checking every file"
    if rungs:
        return f"Making {_listed(rungs)}"
    if made:
        return "Making the sound" if FIRST_SOUND in made else "Making the other sounds"
    if kinds == {"subtitles"}:
        return "Reading the subtitles"
    return "Making the storyboard" if "storyboard" in kinds else "Making the picture for the list"


def _lines(name: str) -> int:
    lines = name.partition("p")[0]
    return int(lines) if lines.isdigit() else 0


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _waiting(status: str, units: list[WorkUnit], running: list[WorkUnit]) -> str | None:
    if running or status not in ("pending", "processing"):
        return None
    reason = next((unit.reason for unit in units if unit.reason), None)
    if reason is not None:
        return reason
    return "Its turn: other videos are being worked on first."


def speed_of(unit: WorkUnit, moment: datetime) -> float | None:
    """Seconds of video that a piece of work gets done in a second; None where nobody can say."""
    if unit.started_at is None or unit.encoded_seconds < _LEAST_SECONDS_TO_GUESS:
        return None
    return unit.encoded_seconds / max(0.001, (moment - unit.started_at).total_seconds())


def _time_left(
    duration: float,
    job: TranscodingJob | None,
    percent: float,
    renditions: tuple[RenditionProgress, ...],
    running: list[WorkUnit],
) -> float | None:
    if job is None or job.started_at is None or not running or percent >= 100.0:
        return None
    costs = {rendition.name: _cost(rendition) for rendition in renditions}
    pace = 0.0
    moment = now()
    for unit in running:
        speed = speed_of(unit, moment) if unit.kind == "part" else None
        pace += (speed or 0.0) * sum(costs.get(name, 0) for name in unit.renditions)
    if pace > 0 and duration:
        left = sum(_cost(one) * (100.0 - one.percent) / 100.0 for one in renditions)
        return round(left * duration / pace, 1)
    if percent < _LEAST_PERCENT_TO_GUESS:
        return None
    elapsed = (moment - job.started_at).total_seconds()
    return round(elapsed * (100.0 - percent) / percent, 1)
