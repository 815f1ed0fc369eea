"""Viewings while they last: begun, reported on and ended by a player that is not believed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import analytics_sums
from vlog.catalog.analytics_periods import quarter_of
from vlog.catalog.analytics_watching import Believed, Claim, is_view, judge
from vlog.catalog.visibility import is_watchable
from vlog.database.schema import PlaybackSession, Video, VideoQuality, VideoViewer, Viewer
from vlog.errors import NotFound

# A viewer counts once an hour for each video.
VIEW_AGAIN = timedelta(hours=1)

_COUNTS = ("stall_count", "stall_ms", "error_count")
_NO_VIDEO = "There is no such video to watch."
_OVER = "This viewing is over, or never began. Begin another one."


@dataclass(frozen=True)
class Report:
    """How one viewing stands after a report. `duration_watched` in seconds of the video."""

    duration_watched: float
    viewed: bool


def hashed(identity: str) -> str:
    """What the database keeps of a viewer's cookie."""
    return sha256(identity.encode()).hexdigest()


async def begin(
    session: AsyncSession,
    video_id: int,
    moment: datetime,
    *,
    identity: str | None = None,
    referrer_host: str | None = None,
) -> str:
    """Begin a viewing; the token for its reports.

    Args:
        session: a write transaction.
        video_id: what is watched.
        moment: now.
        identity: the viewer's cookie, None for somebody who is not told apart from others.
        referrer_host: the site that led to the video.

    Raises:
        NotFound: nobody can watch such a video.
    """
    watchable = (Video.id == video_id, is_watchable(), Video.playable_at.is_not(None))
    if await session.scalar(select(Video.id).where(*watchable)) is None:
        raise NotFound(_NO_VIDEO)
    token = secrets.token_urlsafe(24)
    session.add(
        PlaybackSession(
            video_id=video_id,
            viewer_id=await _viewer(session, identity, moment) if identity else None,
            session_token=token,
            quarter=quarter_of(moment),
            started_at=moment,
            last_heartbeat_at=moment,
            referrer_host=referrer_host,
        )
    )
    await session.flush()
    return token


async def _viewer(session: AsyncSession, identity: str, moment: datetime) -> int:
    key = hashed(identity)
    viewer = await session.scalar(select(Viewer).where(Viewer.session_id == key))
    if viewer is None:
        viewer = Viewer(session_id=key, first_seen=moment)
        session.add(viewer)
    viewer.last_seen = moment
    await session.flush()
    return viewer.id


async def report(
    session: AsyncSession,
    token: str,
    claim: Claim,
    moment: datetime,
    *,
    is_new: Callable[[int], bool],
    ends: bool = False,
) -> Report:
    """Take what a player says of its viewing. Twice the same, or an older one, changes nothing.

    Args:
        session: a write transaction.
        token: of the viewing.
        claim: what the player says.
        moment: now.
        is_new: asked with the video where somebody without a cookie has watched enough for a
            view; whether it is one.
        ends: whether the player says that this was all.

    Raises:
        NotFound: there is no such viewing, it is over, or the video can be watched no more.
    """
    found = (
        await session.execute(
            select(PlaybackSession, Video.duration)
            .join(Video, Video.id == PlaybackSession.video_id)
            .where(
                PlaybackSession.session_token == token,
                PlaybackSession.folded.is_(False),
                is_watchable(),
            )
        )
    ).first()
    if found is None:
        raise NotFound(_OVER)
    viewing, duration = found[0], found[1] or 0.0
    sequence = viewing.sequence + 1 if claim.sequence is None else claim.sequence
    if sequence > viewing.sequence:
        believed = judge(
            claim,
            known=[(start, end) for start, end in viewing.stretches],
            duration=duration,
            elapsed=(moment - viewing.started_at).total_seconds(),
            rungs=await _rungs(session, viewing.video_id) if _names_rungs(claim) else (),
        )
        _take(viewing, believed)
        viewing.sequence = sequence
        viewing.last_heartbeat_at = moment
        if viewing.viewed_at is None and is_view(viewing.duration_watched, duration):
            await _view(session, viewing, moment, is_new)
    if ends:
        viewing.ended_at = moment
    return Report(viewing.duration_watched, viewing.viewed_at is not None)


def _names_rungs(claim: Claim) -> bool:
    return bool(claim.rung_seconds or claim.quality)


async def _rungs(session: AsyncSession, video_id: int) -> set[str]:
    rungs = select(VideoQuality.quality).where(
        VideoQuality.video_id == video_id, VideoQuality.kind == "video"
    )
    return set(await session.scalars(rungs))


def _take(viewing: PlaybackSession, believed: Believed) -> None:
    """Keep what a claim says; what it says nothing of stays, and counts never go back."""
    for name, value in asdict(believed).items():
        if name in _COUNTS:
            setattr(viewing, name, max(getattr(viewing, name), value))
        elif value is not None and value != {}:
            setattr(viewing, name, value)


async def _view(
    session: AsyncSession,
    viewing: PlaybackSession,
    moment: datetime,
    is_new: Callable[[int], bool],
) -> None:
    """Count a view at once, and the viewer with it."""
    if viewing.viewer_id is None:
        if not is_new(viewing.video_id):
            return
    elif await _viewed_lately(session, viewing, moment):
        return
    viewing.viewed_at = moment
    video_id, quarter = viewing.video_id, viewing.quarter
    new_on_site, new_to_video = await _count_viewer(session, viewing)
    await analytics_sums.add_to_site(session, quarter, views=1, new_viewers=new_on_site)
    await analytics_sums.add_to_video(session, video_id, quarter, views=1)
    await analytics_sums.add_to_total(session, video_id, views=1, viewers=new_to_video)


async def _viewed_lately(session: AsyncSession, viewing: PlaybackSession, moment: datetime) -> bool:
    lately = select(PlaybackSession.id).where(
        PlaybackSession.viewer_id == viewing.viewer_id,
        PlaybackSession.video_id == viewing.video_id,
        PlaybackSession.viewed_at > moment - VIEW_AGAIN,
    )
    return await session.scalar(lately.limit(1)) is not None


async def _count_viewer(session: AsyncSession, viewing: PlaybackSession) -> tuple[int, int]:
    """Whether the viewer is new on the site and to the video, as 1 or 0."""
    if viewing.viewer_id is None:
        return 0, 0
    viewer = await session.get_one(Viewer, viewing.viewer_id)
    new_on_site = not viewer.counted
    viewer.counted = True
    key = (viewing.video_id, viewer.id)
    new_to_video = await session.get(VideoViewer, key) is None
    if new_to_video:
        session.add(VideoViewer(video_id=viewing.video_id, viewer_id=viewer.id))
    return int(new_on_site), int(new_to_video)
