"""Renditions and their published segments."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import revisions, webhook_events
from vlog.catalog.sounds import FIRST_SOUND
from vlog.catalog.visibility import publish_if_due
from vlog.database.schema import QualityProgress, Segment, TranscodingJob, Video, VideoQuality
from vlog.database.types import now
from vlog.errors import VLogError


@dataclass(frozen=True)
class SegmentFacts:
    """One segment that lies in its place: seconds and bytes."""

    number: int
    duration: float
    size: int


@dataclass(frozen=True)
class StreamFacts:
    """What the encoded stream itself says (RFC 6381 codecs; width and height in pixels)."""

    codecs: str
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    init: bytes | None = None


class InitDiffers(VLogError):
    """The segments of one rendition share one fMP4 header, and this is not it."""

    code = "init_differs"


@dataclass(frozen=True)
class Rendition:
    """A rendition as it stands, with the segments that viewers may have."""

    id: int
    name: str
    kind: str
    status: str
    copied: bool
    bitrate: int
    width: int | None
    height: int | None
    frame_rate: float | None
    codecs: str | None
    init: bytes | None
    segments: tuple[SegmentFacts, ...]
    generation: int = 1
    language: str | None = None
    title: str | None = None

    @property
    def seconds(self) -> float:
        """Published seconds."""
        return sum(segment.duration for segment in self.segments)

    @property
    def whole(self) -> bool:
        return self.status == "ready"


async def of_video(session: AsyncSession, video_id: int, revision: int) -> list[Rendition]:
    """Every rendition of one revision, best first, sounds last."""
    rows = await session.scalars(
        select(VideoQuality)
        .where(VideoQuality.video_id == video_id, VideoQuality.revision == revision)
        .order_by(VideoQuality.position)
    )
    return [
        Rendition(
            id=row.id,
            name=row.quality,
            kind=row.kind,
            status=row.status,
            copied=row.copied,
            bitrate=row.bitrate,
            width=row.width,
            height=row.height,
            frame_rate=row.frame_rate,
            codecs=row.codecs,
            init=row.init,
            segments=await segments_of(session, row.id),
            generation=row.generation,
            language=row.language,
            title=row.title,
        )
        for row in rows
    ]


async def version(session: AsyncSession, video_id: int, revision: int) -> tuple[object, ...]:
    """What changes whenever anything of one revision is published or ends."""
    rows = await session.execute(
        select(VideoQuality.quality, VideoQuality.status, QualityProgress.committed_segments)
        .join(QualityProgress, QualityProgress.quality_id == VideoQuality.id)
        .where(VideoQuality.video_id == video_id, VideoQuality.revision == revision)
        .order_by(VideoQuality.position)
    )
    return tuple(tuple(row) for row in rows)


async def segments_of(session: AsyncSession, quality_id: int) -> tuple[SegmentFacts, ...]:
    """The published segments of one rendition, in order."""
    rows = await session.execute(
        select(Segment.number, Segment.duration, Segment.size)
        .where(Segment.quality_id == quality_id)
        .order_by(Segment.number)
    )
    return tuple(SegmentFacts(number, duration, size) for number, duration, size in rows)


async def keep_headers(
    session: AsyncSession, video_id: int, revision: int, streams: dict[str, StreamFacts]
) -> None:
    """The first fMP4 header of a rendition counts for all of it.

    Raises:
        InitDiffers: segments with another header are there already.
    """
    for name, facts in streams.items():
        if facts.init is None:
            continue
        row = await session.scalar(
            select(VideoQuality).where(
                VideoQuality.video_id == video_id,
                VideoQuality.revision == revision,
                VideoQuality.quality == name,
            )
        )
        if row is None:
            continue
        if row.init is not None and row.init != facts.init:
            raise InitDiffers(f"The header of {name} is not the one that is published.")
        row.init = facts.init


async def add_segments(
    session: AsyncSession,
    job: TranscodingJob,
    published: dict[str, list[SegmentFacts]],
    streams: dict[str, StreamFacts],
    *,
    total_segments: int,
) -> None:
    """Add segments of several renditions that lie in their places.

    A rendition with all its segments becomes whole. The first moment at which picture and sound
    both have a beginning makes the video playable, and published where that was asked for.
    """
    for name, segments in published.items():
        row = await session.scalar(
            select(VideoQuality).where(
                VideoQuality.video_id == job.video_id,
                VideoQuality.revision == job.revision,
                VideoQuality.quality == name,
            )
        )
        if row is None:
            # The rendition was taken out of the plan in the meantime.
            continue
        session.add_all(
            Segment(quality_id=row.id, number=s.number, duration=s.duration, size=s.size)
            for s in segments
        )
        await session.flush()
        progress = await _sum_up(session, row)
        if (facts := streams.get(name)) is not None:
            row.codecs = facts.codecs
            row.width, row.height = facts.width, facts.height
            row.frame_rate = facts.frame_rate
        row.status = "ready" if progress.committed_segments == total_segments else "processing"
        if row.status == "ready" and progress.committed_seconds > 0:
            row.bitrate = round(progress.committed_bytes * 8 / progress.committed_seconds)
    video = await session.get_one(Video, job.video_id)
    if job.revision != video.revision and job.serves_from == "ready":
        return
    if not await _has_beginning(session, video.id, job.revision):
        return
    if job.revision != video.revision:
        await revisions.serve(session, job, video)
    if video.playable_at is None:
        video.playable_at = now()
        publish_if_due(video, video.playable_at)
        await webhook_events.note(session, "video.playable", video)


async def _sum_up(session: AsyncSession, row: VideoQuality) -> QualityProgress:
    count, seconds, size = (
        await session.execute(
            select(
                func.count(Segment.number), func.sum(Segment.duration), func.sum(Segment.size)
            ).where(Segment.quality_id == row.id)
        )
    ).one()
    progress = await session.get_one(QualityProgress, row.id)
    progress.committed_segments = count
    progress.committed_seconds = seconds or 0.0
    progress.committed_bytes = size or 0
    progress.updated_at = now()
    return progress


async def _has_beginning(session: AsyncSession, video_id: int, revision: int) -> bool:
    """Whether the first segment of some picture, and of the first sound if any, is there."""
    rows = await session.execute(
        select(VideoQuality.kind, Segment.number)
        .outerjoin(Segment, (Segment.quality_id == VideoQuality.id) & (Segment.number == 0))
        .where(VideoQuality.video_id == video_id, VideoQuality.revision == revision)
        .where(or_(VideoQuality.kind != "audio", VideoQuality.quality == FIRST_SOUND))
    )
    begun: dict[str, bool] = {}
    for kind, number in rows:
        begun[kind] = begun.get(kind, False) or number is not None
    return bool(begun) and all(begun.values())
