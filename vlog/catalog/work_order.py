"""Which piece of work is the most useful one now, and what waits behind it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from vlog.catalog.priorities import FIRST, LATER
from vlog.database.schema import WorkUnit

# Waves 0 and 1 are the first pass: 0 makes the video playable, 1 is the rest of it.
FIRST_PASS = 1
URGENT = 0


async def first(
    session: AsyncSession,
    moment: datetime,
    *,
    urgent_only: bool = False,
    full_pass_first: bool = False,
    most_videos: int = 0,
) -> WorkUnit | None:
    """The most useful piece of work, or None where nothing can be done at this moment.

    Args:
        session: to read with.
        moment: now.
        urgent_only: nothing but what makes a video playable.
        full_pass_first: a full pass goes before everything else this time.
        most_videos: beyond what makes them playable, work on no more videos at once; 0 for any.
    """
    queries = [next_urgent, next_preferred, next_first_pass, next_full_pass, next_deferred]
    if urgent_only:
        queries = [next_urgent]
    elif full_pass_first:
        queries.insert(0, next_full_pass)
    at_work = await _jobs_at_work(session) if most_videos else []
    for query in queries:
        wanted = query(moment)
        if query is not next_urgent and len(at_work) >= most_videos > 0:
            wanted = wanted.where(WorkUnit.job_id.in_(at_work))
        if (unit := await session.scalar(wanted)) is not None:
            return unit
    return None


def next_urgent(moment: datetime) -> Select[WorkUnit]:
    """What makes the oldest waiting video playable."""
    which = (WorkUnit.wave == URGENT) & (WorkUnit.priority < LATER)
    return _first(moment, which, WorkUnit.priority, WorkUnit.job_id, WorkUnit.position)


def next_preferred(moment: datetime) -> Select[WorkUnit]:
    """Whatever is to be done on a video that was moved to the front."""
    which = WorkUnit.priority == FIRST
    return _first(moment, which, WorkUnit.job_id, WorkUnit.wave, WorkUnit.position)


def next_first_pass(moment: datetime) -> Select[WorkUnit]:
    """The rest of a first pass, oldest video first."""
    which = (WorkUnit.wave == FIRST_PASS) & (WorkUnit.priority < LATER)
    return _first(moment, which, WorkUnit.priority, WorkUnit.job_id, WorkUnit.position)


def next_full_pass(moment: datetime) -> Select[WorkUnit]:
    """The full pass of the oldest video."""
    which = (WorkUnit.wave > FIRST_PASS) & (WorkUnit.priority < LATER)
    order = (WorkUnit.priority, WorkUnit.job_id, WorkUnit.wave, WorkUnit.position)
    return _first(moment, which, *order)


def next_deferred(moment: datetime) -> Select[WorkUnit]:
    """What may wait until there is nothing else to do."""
    which = WorkUnit.priority == LATER
    return _first(moment, which, WorkUnit.job_id, WorkUnit.wave, WorkUnit.position)


def _first(
    moment: datetime, which: ColumnElement[bool], *order: InstrumentedAttribute[int]
) -> Select[WorkUnit]:
    return _waiting(moment).where(which).order_by(*order).limit(1)


def _waiting(moment: datetime) -> Select[WorkUnit]:
    other = aliased(WorkUnit)
    unfinished = exists().where(
        other.job_id == WorkUnit.job_id, other.kind != "finalize", other.state != "done"
    )
    return select(WorkUnit).where(
        WorkUnit.state == "todo",
        or_(WorkUnit.not_before.is_(None), WorkUnit.not_before <= moment),
        or_(WorkUnit.kind != "finalize", ~unfinished),
    )


async def _jobs_at_work(session: AsyncSession) -> list[int]:
    """The jobs of which more is being done than what makes their videos playable."""
    return list(
        await session.scalars(
            select(WorkUnit.job_id)
            .where(WorkUnit.state == "leased", WorkUnit.wave > URGENT)
            .distinct()
        )
    )


async def count_waiting(session: AsyncSession, moment: datetime, *, at_most: int) -> int:
    """How many pieces could be leased now; counting stops at `at_most`."""
    return len(list(await session.scalars(_waiting(moment).limit(at_most))))


async def next_due(session: AsyncSession, moment: datetime) -> float | None:
    """Seconds until the next postponed piece may be leased, or None where none is postponed."""
    soonest = await session.scalar(
        select(func.min(WorkUnit.not_before)).where(
            WorkUnit.state == "todo", WorkUnit.not_before > moment
        )
    )
    return None if soonest is None else (soonest - moment).total_seconds()
