"""What becomes of a piece of work that did not end well."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from datetime import datetime, timedelta

from vlog.catalog import jobs, leases
from vlog.catalog.leases import Lease
from vlog.database.types import now
from vlog.errors import NotAVideo, NotFound
from vlog.logs import get_logger
from vlog.transcoding.process import ProcessFailed, ProcessStalled
from vlog.transcoding.verification import VerificationFailed
from vlog.transcoding.workshop import JobAddress, Workshop

log = get_logger(__name__)

DISK_FULL = "The disk is full. Free some space; the work then goes on by itself."
STORAGE_AWAY = "The storage folder is not there. The work goes on by itself once it is back."
_LOOK_AGAIN_SECONDS = 15.0


@dataclass(frozen=True)
class Postponed:
    """Nothing failed: the world is not ready."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """An attempt failed. A permanent fault is not tried again."""

    sentence: str
    tool_said: str
    permanent: bool


def judge(error: BaseException, *, storage_available: bool) -> Postponed | Failed:
    """Whether to wait or to count a failure, and how to say it."""
    if not storage_available:
        return Postponed(STORAGE_AWAY)
    if _disk_full(error):
        return Postponed(DISK_FULL)
    if isinstance(error, NotAVideo):
        return Failed(error.detail, "", permanent=True)
    if isinstance(error, ProcessStalled):
        return Failed(error.detail, error.log_tail, permanent=False)
    if isinstance(error, ProcessFailed):
        sentence = "The encoder could not work through this file. It may be damaged at one place."
        return Failed(sentence, f"{error.detail}\n{error.log_tail}".strip(), permanent=False)
    if isinstance(error, VerificationFailed):
        sentence = "What the encoder wrote was not whole, so it was thrown away."
        return Failed(sentence, error.detail, permanent=False)
    return Failed(
        "Something unexpected went wrong. The log has the details.",
        f"{type(error).__name__}: {error}",
        permanent=False,
    )


def _disk_full(error: BaseException) -> bool:
    if isinstance(error, ProcessFailed):
        return error.disk_full
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def retry_at(attempt: int, most: int, backoff_seconds: float, moment: datetime) -> datetime | None:
    """When to try again: after a pause that doubles, or never."""
    if attempt >= most:
        return None
    return moment + timedelta(seconds=backoff_seconds * 2 ** (attempt - 1))


async def record(workshop: Workshop, lease: Lease, outcome: Postponed | Failed) -> None:
    """Commit the outcome. Raises LeaseLost."""
    if isinstance(outcome, Postponed):
        until = now() + timedelta(seconds=_LOOK_AGAIN_SECONDS)
        reason = outcome.reason
        await workshop.write(
            lambda session: leases.postpone(session, lease.token, reason=reason, until=until)
        )
        log.warning(reason, action="work_postponed", video_id=lease.video_id, kind=lease.kind)
        return
    settings = workshop.settings.transcoding
    again = None
    if not outcome.permanent:
        again = retry_at(
            lease.attempt, settings.max_attempts, settings.retry_backoff_seconds, now()
        )
    failure = outcome

    await workshop.write(
        lambda session: leases.give_up(
            session,
            lease.token,
            error=failure.sentence,
            log=failure.tool_said,
            retry_at=again,
        )
    )
    log.error(
        outcome.sentence,
        action="work_failed",
        video_id=lease.video_id,
        kind=lease.kind,
        attempt=lease.attempt,
        tool_said=outcome.tool_said[-1000:],
        retry_at=again.isoformat() if again else None,
    )


async def settle(workshop: Workshop, lease: Lease) -> None:
    """Whichever piece of a job ends last, well or badly, may be the one that ends the job."""
    if not await workshop.write(lambda session: jobs.settle(session, lease.job_id)):
        return
    log.error("The video failed.", action="video_failed", video_id=lease.video_id)
    try:
        plan = await workshop.plan(lease)
    except NotFound:
        return
    # What is there can be watched, and players must not wait for more.
    await workshop.write_playlists(JobAddress.of(lease), plan)
    workshop.forget(lease.job_id, lease.video_id)
