"""Videos, and viewers who watch them by a clock of our own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import analytics_folding, analytics_sessions
from vlog.catalog.analytics_watching import Claim, Stretch
from vlog.database.engine import Database
from vlog.database.schema import Slug, Video, VideoQuality


async def add_video(
    database: Database, title: str, seconds: float, rungs: tuple[str, ...] = (), **changes: Any
) -> int:
    """A video that everybody may watch."""

    async def add(session: AsyncSession) -> int:
        slug = title.lower().replace(" ", "-")
        session.add(Slug(slug=slug))
        await session.flush()
        moment = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
        known = {"status": "ready", "published_at": moment, "playable_at": moment}
        video = Video(
            title=title, slug=slug, duration=seconds, created_at=moment, **known | changes
        )
        session.add(video)
        await session.flush()
        for place, rung in enumerate(rungs):
            session.add(
                VideoQuality(
                    video_id=video.id, quality=rung, kind="video", position=place, bitrate=1
                )
            )
        return video.id

    return await database.write(add)


@dataclass
class Cinema:
    """Where viewers watch."""

    database: Database

    async def watch(
        self,
        video_id: int,
        when: str,
        ranges: list[Stretch],
        *,
        viewer: str | None = None,
        referrer: str | None = None,
        is_new: Callable[[int], bool] = lambda video_id: True,
        ends: bool = True,
        **claims: Any,
    ) -> str:
        """Watch some stretches at the speed of the clock, from the moment `when` on."""
        moment = datetime.fromisoformat(when)
        token = await self.database.write(
            lambda session: analytics_sessions.begin(
                session, video_id, moment, identity=viewer, referrer_host=referrer
            )
        )
        played: list[Stretch] = []
        number = 0
        for start, end in ranges:
            moment += timedelta(seconds=end - start)
            played.append((start, end))
            number += 1
            claim = Claim(sequence=number, ranges=list(played), **claims)
            await self.report(token, claim, moment, is_new=is_new)
        if ends:
            await self.report(
                token,
                Claim(sequence=number + 1, ranges=played, **claims),
                moment,
                is_new=is_new,
                ends=True,
            )
        return token

    async def report(
        self,
        token: str,
        claim: Claim,
        moment: datetime,
        *,
        is_new: Callable[[int], bool] = lambda video_id: True,
        ends: bool = False,
    ) -> analytics_sessions.Report:
        """Send one report."""
        return await self.database.write(
            lambda session: analytics_sessions.report(
                session, token, claim, moment, is_new=is_new, ends=ends
            )
        )

    async def fold(self, moment: str) -> int:
        """Add what is over to the sums."""
        when = datetime.fromisoformat(moment)
        return await self.database.write(lambda session: analytics_folding.fold(session, when))
