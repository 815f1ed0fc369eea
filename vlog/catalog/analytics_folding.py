"""From viewings that are over to the sums that stay, and what is pruned after that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import analytics_sums
from vlog.catalog.analytics_watching import is_play, merged, pieces_of, spread, two_figures
from vlog.database.schema import PlaybackSession, Video, VideoProfile, Viewer

# A report may arrive after the one that ends the viewing.
ENDED_GRACE = timedelta(minutes=2)
# A player that says nothing for so long (it was paused) begins another viewing when it goes on.
SILENCE = timedelta(minutes=30)
# The cookie is gone by then.
VIEWER_KEPT = timedelta(days=400)
AT_ONCE = 500
MOST_REFERRERS = 100
OTHER_REFERRERS = "other"


@dataclass
class Tally:
    """What some viewings of one video add up to, before it is in the sums."""

    plays: int = 0
    completions: int = 0
    watched_ms: int = 0
    coverage: list[int] = field(default_factory=list)
    replays: list[int] = field(default_factory=list)
    rungs: Counter[str] = field(default_factory=Counter)
    startup: Counter[str] = field(default_factory=Counter)
    stalls: Counter[str] = field(default_factory=Counter)
    stall_count: int = 0
    error_count: int = 0
    referrers: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, viewings: Iterable[PlaybackSession], duration: float) -> Tally:
        """The tally of viewings of a video that is `duration` seconds long."""
        pieces = pieces_of(duration)
        tally = cls(coverage=[0] * pieces, replays=[0] * pieces)
        for viewing in viewings:
            tally._add(viewing, duration)
        return tally

    def _add(self, viewing: PlaybackSession, duration: float) -> None:
        # Who waited in vain, or saw an error, has played nothing.
        self.error_count += viewing.error_count
        if viewing.startup_ms is not None:
            self.startup[str(two_figures(viewing.startup_ms))] += 1
        if not is_play(viewing.duration_watched, duration):
            return
        self.plays += 1
        self.completions += viewing.completed
        self.watched_ms += round(viewing.duration_watched * 1000)
        played = [(start, end) for start, end in viewing.stretches]
        pieces = len(self.coverage)
        self.coverage = _sum(self.coverage, spread(merged(played), duration, pieces))
        self.replays = _sum(self.replays, spread(played, duration, pieces))
        for rung, seconds in viewing.rung_seconds.items():
            self.rungs[rung] += round(seconds * 1000)
        self.stalls[str(two_figures(viewing.stall_ms))] += 1
        self.stall_count += viewing.stall_count
        if viewing.referrer_host:
            self.referrers[viewing.referrer_host] += 1


def _sum(one: Sequence[int], other: Sequence[int]) -> list[int]:
    return [first + second for first, second in zip(one, other, strict=True)]


def with_tally(profile: VideoProfile | None, tally: Tally) -> Tally:
    """What a profile holds together with a tally. Curves of another length are given up."""
    if profile is None:
        return tally
    same = len(profile.coverage) == len(tally.coverage)
    return Tally(
        plays=tally.plays + (profile.plays if same else 0),
        completions=tally.completions,
        watched_ms=tally.watched_ms,
        coverage=_sum(profile.coverage, tally.coverage) if same else tally.coverage,
        replays=_sum(profile.replays, tally.replays) if same else tally.replays,
        rungs=Counter(profile.rungs) + tally.rungs,
        startup=Counter(profile.startup) + tally.startup,
        stalls=Counter(profile.stalls) + tally.stalls,
        stall_count=profile.stall_count + tally.stall_count,
        error_count=profile.error_count + tally.error_count,
        referrers=_bounded(Counter(profile.referrers) + tally.referrers),
    )


def _bounded(referrers: Counter[str]) -> Counter[str]:
    """The most frequent ones by name; anybody may claim to come from anywhere."""
    if len(referrers) <= MOST_REFERRERS:
        return referrers
    named = [(host, count) for host, count in referrers.items() if host != OTHER_REFERRERS]
    kept = Counter(dict(sorted(named, key=lambda item: -item[1])[: MOST_REFERRERS - 1]))
    kept[OTHER_REFERRERS] = referrers.total() - kept.total()
    return kept


async def fold(session: AsyncSession, moment: datetime) -> int:
    """Add viewings that are over to the sums, some hundred at most; how many they were."""
    rows = (
        await session.execute(
            select(PlaybackSession, Video.duration)
            .join(Video, Video.id == PlaybackSession.video_id)
            .where(
                PlaybackSession.folded == false(),
                or_(
                    PlaybackSession.ended_at < moment - ENDED_GRACE,
                    PlaybackSession.last_heartbeat_at < moment - SILENCE,
                ),
            )
            .limit(AT_ONCE)
        )
    ).all()
    by_video: dict[int, tuple[float, list[PlaybackSession]]] = {}
    for viewing, duration in rows:
        by_video.setdefault(viewing.video_id, (duration or 0.0, []))[1].append(viewing)
    for video_id, (duration, viewings) in by_video.items():
        await _fold_video(session, video_id, duration, viewings)
    return len(rows)


async def _fold_video(
    session: AsyncSession, video_id: int, duration: float, viewings: list[PlaybackSession]
) -> None:
    tally = Tally.of(viewings, duration)
    profile = await session.get(VideoProfile, video_id)
    whole = with_tally(profile, tally)
    if profile is None:
        profile = VideoProfile(video_id=video_id)
        session.add(profile)
    profile.plays, profile.coverage, profile.replays = whole.plays, whole.coverage, whole.replays
    profile.rungs, profile.startup = dict(whole.rungs), dict(whole.startup)
    profile.stalls, profile.stall_count = dict(whole.stalls), whole.stall_count
    profile.error_count, profile.referrers = whole.error_count, dict(whole.referrers)
    if tally.plays:
        amounts = _amounts(tally)
        await analytics_sums.add_to_total(session, video_id, **amounts)
    by_quarter: dict[int, list[PlaybackSession]] = {}
    for viewing in viewings:
        viewing.folded = True
        by_quarter.setdefault(viewing.quarter, []).append(viewing)
    for quarter, some in by_quarter.items():
        if (part := Tally.of(some, duration)).plays:
            await analytics_sums.add_to_video(session, video_id, quarter, **_amounts(part))
            await analytics_sums.add_to_site(session, quarter, **_amounts(part))


def _amounts(tally: Tally) -> dict[str, int]:
    return {
        "plays": tally.plays,
        "completions": tally.completions,
        "watched_ms": tally.watched_ms,
    }


async def prune(session: AsyncSession, moment: datetime, kept: timedelta) -> int:
    """Remove some of the viewings and viewers that are older than they are kept; how many."""
    old = (
        select(PlaybackSession.id)
        .where(PlaybackSession.started_at < moment - kept, PlaybackSession.folded.is_(True))
        .limit(AT_ONCE)
    )
    gone = select(Viewer.id).where(Viewer.last_seen < moment - max(kept, VIEWER_KEPT))
    viewings = list(await session.scalars(old))
    viewers = list(await session.scalars(gone.limit(AT_ONCE)))
    await session.execute(delete(PlaybackSession).where(PlaybackSession.id.in_(viewings)))
    await session.execute(delete(Viewer).where(Viewer.id.in_(viewers)))
    return len(viewings) + len(viewers)
