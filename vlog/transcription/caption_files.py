"""Captions as files for viewers: written from the cues, which are the truth, and always after them.

Files come before the playlist that names them, and go after it names them no more. A crash anywhere
in between leaves the video marked, and all of it is done again.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from functools import partial

import anyio

from vlog.captions import webvtt
from vlog.captions.cue import Cue
from vlog.captions.hls import caption_playlist, caption_segments, coarse_cuts
from vlog.catalog import due_captions, jobs, transcripts
from vlog.catalog.transcripts import Track
from vlog.catalog.visibility import LISTED
from vlog.database.faults import DatabaseUnavailable
from vlog.database.schema import Video
from vlog.logs import get_logger
from vlog.tasks import woken
from vlog.transcoding.grid import Grid
from vlog.transcoding.muxing import CLOCK_OFFSET
from vlog.transcoding.plan import Plan
from vlog.transcoding.work_finalize import write_served_playlists
from vlog.transcoding.workshop import StorageUnavailable, Workshop

log = get_logger(__name__)

# While captions are being written their files follow at most this often.
_BETWEEN_SECONDS = 3.0
_IDLE_SECONDS = 15.0
_OURS = re.compile(r"captions(?:-.+)?\.(?:vtt|m3u8)")


@dataclass(frozen=True)
class _Captions:
    """All captions of one video as the database has them at one moment."""

    slug: str
    tracks: list[Track]
    cues: dict[str, list[Cue]]
    grid: Grid | None
    changes: int


class CaptionFiles:
    """Writes the files of captions that have changed. One per process."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.database = workshop.database
        self.storage = workshop.storage
        self._wake = asyncio.Event()
        self._locks: dict[int, asyncio.Lock] = {}
        self._written_at: dict[int, float] = {}

    def changed(self, video_id: int) -> None:
        """Captions of a video have changed, and may go on changing: their files follow soon."""
        log.debug("Captions have changed.", action="captions_changed", video_id=video_id)
        self._wake.set()

    async def publish(self, video_id: int) -> None:
        """Let the files of one video say now what its cues say.

        Where the storage or the database does not allow it now, it is done later.
        """
        try:
            await self._publish(video_id)
        except (OSError, StorageUnavailable, DatabaseUnavailable) as trouble:
            log.warning(
                "Captions cannot be written into their files now. It is tried again.",
                action="captions_wait",
                video_id=video_id,
                error=str(trouble),
            )

    async def recover(self) -> None:
        """After a start: write what a crash left unwritten."""
        try:
            await self._publish_due()
        except DatabaseUnavailable as trouble:
            log.warning(trouble.detail, action="captions_wait")

    async def run(self, stop: anyio.Event) -> None:
        """Follow the changes until `stop` is set."""
        stopping = asyncio.create_task(stop.wait(), name="caption files stop")
        try:
            while not stop.is_set():
                self._wake.clear()
                try:
                    pause = await self._publish_due()
                except DatabaseUnavailable:
                    pause = _IDLE_SECONDS
                await woken(self._wake, {stopping}, pause)
        finally:
            stopping.cancel()

    async def _publish_due(self) -> float:
        """Write what is due and was not written a moment ago; seconds until it is worth a look."""
        pause = _IDLE_SECONDS
        async with self.database.read() as session:
            due = await due_captions.all_due(session)
        past = time.monotonic() - _BETWEEN_SECONDS
        self._written_at = {video: at for video, at in self._written_at.items() if at > past}
        for video_id in due:
            if video_id in self._written_at:
                pause = min(pause, self._written_at[video_id] - past)
            else:
                await self.publish(video_id)
        return pause

    async def _publish(self, video_id: int) -> None:
        async with self._locks.setdefault(video_id, asyncio.Lock()):
            found = await self._read(video_id)
            if found is None:
                return
            files = await asyncio.to_thread(files_of, found)
            await asyncio.to_thread(self._write, found.slug, files)
            ids = [track.id for track in found.tracks]
            await self.database.write(partial(transcripts.have_files, transcription_ids=ids))
            await write_served_playlists(self.workshop, video_id)
            await asyncio.to_thread(self._remove_others, found.slug, files)
            finish = partial(due_captions.done, video_id=video_id, changes=found.changes)
            done = await self.database.write(finish, name="captions written")
            self._written_at[video_id] = time.monotonic()
        log.info("Captions were written.", action="captions_written", video_id=video_id)
        if not done:
            # They changed meanwhile.
            self._wake.set()

    async def _read(self, video_id: int) -> _Captions | None:
        """What is to be written, or None where nothing is."""
        async with self.database.read() as session:
            changes = await due_captions.changes_of(session, video_id)
            video = await session.get(Video, video_id)
            if changes is None or video is None or video.status not in LISTED:
                return None
            stored = await jobs.served_plan(session, video_id)
            tracks = await transcripts.tracks_of(session, video_id)
            cues = {
                track.language: await transcripts.read_cues(session, video_id, track.language)
                for track in tracks
            }
        grid = Plan.model_validate(stored).grid if stored is not None else None
        return _Captions(video.slug, tracks, cues, grid, changes)

    def _write(self, slug: str, files: dict[str, str]) -> None:
        """Write what is not there yet. What is named comes before what names it."""
        if not self.storage.available():
            raise StorageUnavailable
        for name, text in files.items():
            path = self.storage.media_file(slug, name)
            content = text.encode()
            if not path.is_file() or path.read_bytes() != content:
                self.storage.write_media(slug, name, content)

    def _remove_others(self, slug: str, files: dict[str, str]) -> None:
        names = self.storage.media_names(slug, 1)
        gone = [name for name in names if _OURS.fullmatch(name) and name not in files]
        if gone:
            self.storage.remove_media(slug, gone, 1)


def files_of(found: _Captions) -> dict[str, str]:
    """Every file of a video's captions by its name: whole ones, segments and playlists."""
    files: dict[str, str] = {}
    for track in found.tracks:
        cues = found.cues[track.language]
        stem = f"captions-{track.language}"
        files[f"{stem}.vtt"] = webvtt.write(cues)
        if found.grid is not None:
            files |= _rendition(stem, cues, found.grid)
    if (default := transcripts.default_of(found.tracks)) is not None:
        files["captions.vtt"] = files[f"captions-{default.language}.vtt"]
    return files


def _rendition(stem: str, cues: list[Cue], grid: Grid) -> dict[str, str]:
    start = grid.time(0)
    cuts = coarse_cuts([grid.time(number) - start for number in range(grid.count + 1)])
    texts = caption_segments(cues, cuts, start + CLOCK_OFFSET)
    segments = {f"{stem}_{number:04d}.vtt": text for number, text in enumerate(texts)}
    return segments | {f"{stem}.m3u8": caption_playlist(list(segments), cuts)}
