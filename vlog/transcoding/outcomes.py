"""What becomes of a piece of work that did not end well."""

from __future__ import annotations

import errno
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from vlog.catalog import jobs, leases, revisions
from vlog.catalog.leases import Lease
from vlog.database.faults import DatabaseUnavailable
from vlog.database.types import now
from vlog.errors import NotAVideo, NotFound, Unavailable
from vlog.ingest.probe import ProbeTimeout
from vlog.logs import get_logger
from vlog.storage.condition import DISK_FULL, READ_ONLY, is_disk_full
from vlog.transcoding.playlist_writer import JobAddress
from vlog.transcoding.process import ProcessCrashed, ProcessFailed, ProcessStalled
from vlog.transcoding.verification import CopyUnusable, VerificationFailed
from vlog.transcoding.workshop import SegmentsLost, StorageUnavailable, Workshop

log = get_logger(__name__)

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


def judge(error: BaseException, *, trouble: str | None) -> Postponed | Failed:
    """Whether to wait or to count a failure, and how to say it.

    Args:
        error: what ended the work.
        trouble: what is in the way of all work now, if anything.
    """
    if isinstance(error, DatabaseUnavailable | StorageUnavailable | SegmentsLost):
        return Postponed(error.detail)
    if trouble is not None:
        return Postponed(trouble)
    if isinstance(error, ProcessFailed):
        return _judge_tool(error)
    if isinstance(error, OSError):
        return _judge_file_system(error)
    if isinstance(error, ProbeTimeout | Unavailable):
        return Failed(error.detail, "", permanent=False)
    if isinstance(error, NotAVideo):
        return Failed(error.detail, "", permanent=True)
    if isinstance(error, VerificationFailed):
        sentence = "What the encoder wrote was not whole, so it was thrown away."
        said = str(getattr(error.__cause__, "log_tail", ""))
        return Failed(sentence, f"{error.detail}\n{said}".strip(), permanent=False)
    return Failed(
        "Something unexpected went wrong. The log has the details.",
        f"{type(error).__name__}: {error}",
        permanent=False,
    )


def _judge_tool(error: ProcessFailed) -> Postponed | Failed:
    if error.disk_full:
        return Postponed(DISK_FULL)
    if error.read_only:
        return Postponed(READ_ONLY)
    sentence = "The encoder could not work through this file. It may be damaged at one place."
    if isinstance(error, ProcessStalled | ProcessCrashed):
        return Failed(error.detail, error.log_tail, permanent=False)
    return Failed(sentence, f"{error.detail}\n{error.log_tail}".strip(), permanent=False)


def _judge_file_system(error: OSError) -> Postponed | Failed:
    if is_disk_full(error):
        return Postponed(DISK_FULL)
    if error.errno == errno.EROFS:
        return Postponed(READ_ONLY)
    return Failed(
        "The disk or the network share that holds the videos gave an error.",
        str(error),
        permanent=False,
    )


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


async def encode_instead(workshop: Workshop, lease: Lease, error: CopyUnusable) -> None:
    """Plan the video anew without copying. Raises LeaseLost."""
    plan = await workshop.plan(lease)
    replacement = await workshop.write(
        lambda session: revisions.encode_instead(session, lease.token)
    )
    log.warning(
        "The copy of the picture did not come out as it should; it is encoded instead.",
        action="copy_unusable",
        video_id=lease.video_id,
        error=error.detail,
        revision=replacement or lease.revision,
    )
    workshop.forget(lease.job_id, lease.video_id)
    if replacement is not None:
        await workshop.playlists.write(JobAddress.of(lease), plan)


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
    with suppress(OSError):
        await workshop.playlists.write(JobAddress.of(lease), plan)
    workshop.forget(lease.job_id, lease.video_id)
