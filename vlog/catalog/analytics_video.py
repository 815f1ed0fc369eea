"""How one video is watched, and which parts of it are played most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import false, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import videos
from vlog.catalog.analytics_figures import Figures
from vlog.catalog.analytics_folding import Tally, with_tally
from vlog.catalog.analytics_watching import percentile, piece_lengths, pieces_of
from vlog.database.schema import PlaybackSession, Video, VideoProfile, VideoTotal


@dataclass(frozen=True)
class Waits:
    """Milliseconds that half, and all but one in twenty, of the plays waited at most."""

    p50: int | None
    p95: int | None

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Waits:
        """Out of counts by milliseconds."""
        return cls(percentile(counts, 0.5), percentile(counts, 0.95))


@dataclass(frozen=True)
class VideoReport:
    """How one video is watched.

    `retention` has the share (0 to 1) of all plays that saw each of its equal pieces.
    """

    video: Video
    figures: Figures
    retention: list[float]
    average_share: float
    rungs: dict[str, float]
    startup: Waits
    stalls: Waits
    stall_count: int
    error_count: int
    referrers: dict[str, int]


async def video_report(session: AsyncSession, video_id: int) -> VideoReport:
    """How one video is watched. Raises NotFound."""
    video = (await videos.listed_by_id(session, video_id)).video
    duration = video.duration or 0.0
    open_tally = Tally.of(
        await session.scalars(
            select(PlaybackSession).where(
                PlaybackSession.video_id == video_id, PlaybackSession.folded == false()
            )
        ),
        duration,
    )
    whole = with_tally(await session.get(VideoProfile, video_id), open_tally)
    figures = _figures(await session.get(VideoTotal, video_id), open_tally)
    seen = figures.plays * duration
    return VideoReport(
        video=video,
        figures=figures,
        retention=_shares(whole, duration),
        average_share=figures.watched_seconds / seen if seen else 0.0,
        rungs={name: ms / 1000 for name, ms in whole.rungs.most_common()},
        startup=Waits.of(whole.startup),
        stalls=Waits.of(whole.stalls),
        stall_count=whole.stall_count,
        error_count=whole.error_count,
        referrers=dict(whole.referrers.most_common()),
    )


def _figures(total: VideoTotal | None, tally: Tally) -> Figures:
    found = Figures(plays=tally.plays, completions=tally.completions, watched_ms=tally.watched_ms)
    if total is not None:
        found.views, found.viewers = total.views, total.viewers
        found.plays += total.plays
        found.completions += total.completions
        found.watched_ms += total.watched_ms
    return found


def _shares(tally: Tally, duration: float) -> list[float]:
    if not tally.plays:
        return []
    lengths = piece_lengths(duration, pieces_of(duration))
    return [
        round(seen / (length * tally.plays), 4) if length else 0.0
        for seen, length in zip(tally.coverage, lengths, strict=True)
    ]


@dataclass(frozen=True)
class Heat:
    """How much each equal piece of a video is played, from 0 to 1 for the one played most.

    There are no values before enough viewers make them say nothing of any one of them.
    """

    piece_seconds: float
    values: list[float]


async def heat_of(
    session: AsyncSession, slug: str, least_viewers: int, key: str | None = None
) -> Heat:
    """The heat of a video for who may watch it; `least_viewers` 0 for none. Raises NotFound."""
    item, _ = await videos.watchable_by_slug(session, slug, key)
    video = item.video
    total = await session.get(VideoTotal, video.id)
    profile = await session.get(VideoProfile, video.id)
    duration = video.duration or 0.0
    pieces = pieces_of(duration)
    piece_seconds = round(duration / pieces, 3)
    enough = least_viewers > 0 and total is not None and total.viewers >= least_viewers
    if not enough or profile is None or len(profile.replays) != pieces:
        return Heat(piece_seconds, [])
    most = max(profile.replays)
    return Heat(piece_seconds, [round(ms / most, 3) if most else 0.0 for ms in profile.replays])
