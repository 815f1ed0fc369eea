"""Leases on pieces of work. Every change is a compare-and-set on the lease's random token.

A worker that froze and wakes up late holds a token that nobody knows any more: whatever it
commits changes no row, and `LeaseLost` tells it to throw its work away.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import pausing, work_order
from vlog.database.schema import TranscodingJob, Video, WorkUnit
from vlog.errors import VLogError


class LeaseLost(VLogError):
    """Somebody else has this piece of work now; what was made here is thrown away."""

    code = "lease_lost"


@dataclass(frozen=True)
class Lease:
    """The right to do one piece of work for a while."""

    token: str
    unit_id: int
    job_id: int
    video_id: int
    slug: str
    revision: int
    kind: str
    wave: int
    first_segment: int
    segment_count: int
    renditions: tuple[str, ...]
    attempt: int
    attempt_name: str
    extends: int | None = None
    replaces: bool = False


async def take_next(
    session: AsyncSession,
    *,
    owner: str,
    moment: datetime,
    seconds: float,
    urgent_only: bool = False,
    full_pass_first: bool = False,
    most_videos: int = 0,
) -> Lease | None:
    """Lease the most useful piece of work, or None where nothing can be done now.

    While work is paused nothing can be done.

    Args:
        session: in a write transaction.
        owner: who takes it.
        moment: now.
        seconds: how long the lease counts without being renewed.
        urgent_only: nothing but what makes a video playable.
        full_pass_first: a full pass goes before everything else this time.
        most_videos: beyond what makes them playable, work on no more videos at once; 0 for any.
    """
    if await pausing.since(session) is not None:
        return None
    unit = await work_order.first(
        session,
        moment,
        urgent_only=urgent_only,
        full_pass_first=full_pass_first,
        most_videos=most_videos,
    )
    return None if unit is None else await _take(session, unit, owner, moment, seconds)


async def _take(
    session: AsyncSession, unit: WorkUnit, owner: str, moment: datetime, seconds: float
) -> Lease:
    job = await session.get_one(TranscodingJob, unit.job_id)
    video = await session.get_one(Video, job.video_id)
    unit.state = "leased"
    unit.attempt += 1
    unit.lease_owner = owner
    unit.lease_token = secrets.token_hex(16)
    unit.lease_expires_at = moment + timedelta(seconds=seconds)
    unit.heartbeat_at = unit.started_at = moment
    unit.reason = None
    unit.not_before = None
    unit.encoded_seconds = 0.0
    if job.state == "queued":
        job.state = "running"
        job.started_at = moment
        if job.revision == video.revision:
            video.status = "processing"
    return Lease(
        token=unit.lease_token,
        unit_id=unit.id,
        job_id=job.id,
        video_id=video.id,
        slug=video.slug,
        revision=job.revision,
        kind=unit.kind,
        wave=unit.wave,
        first_segment=unit.first_segment,
        segment_count=unit.segment_count,
        renditions=tuple(unit.renditions),
        attempt=unit.attempt,
        attempt_name=unit.attempt_name or "",
        extends=job.extends,
        replaces=job.replaces,
    )


async def hold(session: AsyncSession, token: str) -> WorkUnit:
    """The piece of work behind a token that still counts. Raises LeaseLost."""
    unit = await session.scalar(
        select(WorkUnit).where(WorkUnit.lease_token == token, WorkUnit.state == "leased")
    )
    if unit is None:
        raise LeaseLost
    return unit


async def renew(
    session: AsyncSession,
    token: str,
    *,
    moment: datetime,
    seconds: float,
    encoded_seconds: float = 0.0,
) -> None:
    """Say that the work goes on and how far it is. Raises LeaseLost."""
    unit = await hold(session, token)
    unit.heartbeat_at = moment
    unit.lease_expires_at = moment + timedelta(seconds=seconds)
    unit.encoded_seconds = encoded_seconds


async def others_undone(session: AsyncSession, lease: Lease) -> bool:
    """Whether any other piece of a job is to be done, also anew."""
    others = select(WorkUnit.id).where(
        WorkUnit.job_id == lease.job_id, WorkUnit.id != lease.unit_id, WorkUnit.state != "done"
    )
    return await session.scalar(others.limit(1)) is not None


async def finish(session: AsyncSession, token: str, moment: datetime) -> WorkUnit:
    """The work is done and published. Raises LeaseLost."""
    unit = await hold(session, token)
    unit.state = "done"
    unit.completed_at = moment
    unit.error = unit.error_log = None
    _let_go(unit)
    return unit


async def postpone(
    session: AsyncSession, token: str, *, reason: str | None, until: datetime | None
) -> None:
    """Give the work back without counting the attempt: a full disk, or VLog stops."""
    unit = await hold(session, token)
    unit.state = "todo"
    unit.attempt -= 1
    unit.reason = reason
    unit.not_before = until
    _let_go(unit)


async def give_up(
    session: AsyncSession,
    token: str,
    *,
    error: str,
    log: str,
    retry_at: datetime | None,
) -> WorkUnit:
    """The attempt failed. With `retry_at` it is tried again then, without it never."""
    unit = await hold(session, token)
    unit.state = "failed" if retry_at is None else "todo"
    unit.not_before = retry_at
    unit.reason = None if retry_at is None else f"The last attempt failed: {error}"
    unit.error = error
    unit.error_log = log
    _let_go(unit)
    return unit


def _let_go(unit: WorkUnit) -> None:
    unit.lease_owner = unit.lease_token = None
    unit.lease_expires_at = unit.heartbeat_at = None
    unit.encoded_seconds = 0.0


async def park(session: AsyncSession, job_ids: Select[int]) -> None:
    """Nobody works on these jobs until `unpark`; who does now has lost the lease."""
    mine = WorkUnit.job_id.in_(job_ids)
    await _free(session, mine)
    await session.execute(
        update(WorkUnit).where(mine, WorkUnit.state == "todo").values(state="parked")
    )


async def unpark(session: AsyncSession, job_ids: Select[int]) -> None:
    """What was parked can be done again."""
    await session.execute(
        update(WorkUnit)
        .where(WorkUnit.job_id.in_(job_ids), WorkUnit.state == "parked")
        .values(state="todo")
    )


async def free_expired(session: AsyncSession, moment: datetime, but: Collection[str] = ()) -> int:
    """Free what nobody renewed in time, except the tokens in `but`; the number of pieces freed."""
    late = WorkUnit.lease_expires_at < moment
    return await _free(session, late & WorkUnit.lease_token.not_in(list(but)))


async def free_all(session: AsyncSession) -> int:
    """At start: the database's lock is ours, so every owner of a lease is dead."""
    return await _free(session, WorkUnit.lease_token.is_not(None))


async def _free(session: AsyncSession, which: ColumnElement[bool]) -> int:
    units = list(await session.scalars(select(WorkUnit).where(WorkUnit.state == "leased", which)))
    for unit in units:
        unit.state = "todo"
        # The owner died, the work did not fail: only real failures count against it.
        unit.attempt -= 1
        _let_go(unit)
    return len(units)
