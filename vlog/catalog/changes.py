"""What each write transaction changes of videos and uploads, found where it is written.

Nobody has to say that something has changed: the write door's watcher looks at every row that the
session flushes. It does not see statements that change rows without loading them (`update()`,
`delete()`), so what people wait to see is changed through loaded rows, or told with `note`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstanceState, Session, UOWTransaction

from vlog.catalog.visibility import LISTED
from vlog.database.schema import (
    Chapter,
    QualityProgress,
    TranscodingJob,
    Transcription,
    TranscriptionJob,
    Upload,
    Video,
    VideoQuality,
    VideoTag,
    WebhookDelivery,
    WorkUnit,
)

Kind = Literal[
    "added",  # its file is whole: the admin sees it from now on
    "changed",  # what people read of it, who sees it, its picture
    "status",  # it waits for work, or work has begun
    "progress",  # work on it went on
    "playable",  # it can be watched from now on
    "ready",
    "failed",
    "captions",  # its captions, or how far the making of them is
    "trashed",
    "restored",
    "deleted",  # for ever
    "uploads",  # of no video yet: a file that is on its way in began, was renamed or ended
    "folder",  # of no video: what the watched folder refuses
    "storage",  # of no video: it was measured, or could not be
    "webhooks",  # of no video: what is to be sent, or was
]


@dataclass(frozen=True)
class Change:
    """Something that is different now. What it is now is to be asked for."""

    kind: Kind
    video_id: int | None = None


# Called inside the transaction, with all of its changes: what it writes is committed with them.
Recorder = Callable[[AsyncSession, Sequence[Change]], Awaitable[None]]

_NOTED = "changes"
# A client that sends a file keeps moving these; nobody waits to see them.
_UPLOAD_HEARTBEAT = {"expires_at", "verified_to"}
_OF_VIDEO: dict[type[Any], Kind] = {
    Chapter: "changed",
    VideoTag: "changed",
    TranscodingJob: "progress",
    VideoQuality: "progress",
    Transcription: "captions",
    TranscriptionJob: "captions",
}


def note(session: AsyncSession, change: Change) -> None:
    """Tell of a change that a statement makes without loading the rows."""
    noted: dict[Change, None] | None = session.info.get(_NOTED)
    if noted is not None:
        noted[change] = None


class ChangeWatcher:
    """The watcher of the write door: after each commit `publish` gets what has changed.

    `recorders` are for what must not be lost in a crash, such as a queue of messages to send.
    """

    def __init__(self, publish: Callable[[Sequence[Change]], None]) -> None:
        self.publish = publish
        self.recorders: list[Recorder] = []

    def __call__(self, session: AsyncSession) -> _Transaction:
        return _Transaction(self, session)


class _Transaction:
    def __init__(self, watcher: ChangeWatcher, session: AsyncSession) -> None:
        self._watcher = watcher
        self._session = session
        self._found: dict[Change, None] = {}
        self._job_ids: set[int] = set()
        self._quality_ids: set[int] = set()
        session.info[_NOTED] = self._found
        event.listen(session.sync_session, "after_flush", self._look)

    async def before_commit(self) -> None:
        await self._session.flush()
        await self._find_videos()
        if self._found:
            for record in self._watcher.recorders:
                await record(self._session, list(self._found))

    def after_commit(self) -> None:
        if self._found:
            self._watcher.publish(list(self._found))

    def _look(self, session: Session, context: UOWTransaction) -> None:
        for row in (*session.new, *session.deleted):
            self._see(row, None)
        for row in session.dirty:
            if session.is_modified(row):
                self._see(row, _changed(row))

    def _see(self, row: object, changed: set[str] | None) -> None:
        """Note what one row tells; `changed` is None where it comes or goes as a whole."""
        if isinstance(row, Video):
            for kind in _kinds(row, changed):
                self._found[Change(kind, row.id)] = None
        elif isinstance(row, WorkUnit):
            self._job_ids.add(row.job_id)
        elif isinstance(row, QualityProgress):
            self._quality_ids.add(row.quality_id)
        elif isinstance(row, Upload):
            if changed is None or changed - _UPLOAD_HEARTBEAT:
                self._found[Change("uploads")] = None
        elif isinstance(row, WebhookDelivery):
            self._found[Change("webhooks")] = None
        elif (told := _OF_VIDEO.get(type(row))) is not None:
            self._found[Change(told, _video_id(row))] = None

    async def _find_videos(self) -> None:
        """Work and what it publishes name a job or a rendition, and these name the video."""
        if self._job_ids:
            of_jobs = select(TranscodingJob.video_id).where(TranscodingJob.id.in_(self._job_ids))
            for video_id in await self._session.scalars(of_jobs.distinct()):
                self._found[Change("progress", video_id)] = None
        if self._quality_ids:
            of_rungs = select(VideoQuality.video_id).where(VideoQuality.id.in_(self._quality_ids))
            for video_id in await self._session.scalars(of_rungs.distinct()):
                self._found[Change("progress", video_id)] = None


def _video_id(row: Any) -> int:
    video_id: int = row.video_id
    return video_id


def _changed(row: object) -> set[str]:
    state: InstanceState[Any] = inspect(row)
    return {attribute.key for attribute in state.attrs if attribute.history.has_changes()}


def _kinds(video: Video, changed: set[str] | None) -> list[Kind]:
    """What a flush says of a video whose row it changes, or (None) adds or removes."""
    history = inspect(video).attrs.status.history
    before = history.deleted[0] if history.deleted else None
    now = video.status
    if history.added and now == "deleting":
        return [] if before == "receiving" else ["deleted"]
    if history.added and now == "trashed":
        return ["trashed"]
    if now not in LISTED:
        return []
    if history.added and before not in LISTED:
        return ["restored" if before == "trashed" else "added"]
    return _kinds_of_listed(video, changed or set())


def _kinds_of_listed(video: Video, changed: set[str]) -> list[Kind]:
    kinds: list[Kind] = []
    if "playable_at" in changed and video.playable_at is not None:
        kinds.append("playable")
    if "status" in changed:
        match video.status:
            case "ready":
                kinds.append("ready")
            case "failed":
                kinds.append("failed")
            case _:
                kinds.append("status")
    if changed - {"status", "playable_at"}:
        kinds.append("changed")
    return kinds
