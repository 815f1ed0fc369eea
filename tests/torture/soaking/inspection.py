"""What must hold all the time, looked at while everything goes on, and at the end."""

from __future__ import annotations

import asyncio
from subprocess import SubprocessError
from typing import Any

from tests.end_to_end.server import wait_for
from tests.torture.soaking.ledger import Film
from tests.torture.soaking.looking_closely import files_of_nobody, look_closely
from tests.torture.soaking.scene import Scene

_EVERY_SECONDS = 10.0
_CLOSELY_AT_ONCE = 2
# A dropped file has to settle; a video has to wait for others.
_LONGEST_ARRIVAL_SECONDS = 90.0
_LONGEST_WORK_SECONDS = 1500.0
# After a start, playlists may be behind the database for a moment.
_GRACE_SECONDS = 20.0
_VIDEOS = "SELECT id, title, coalesce(trashed_status, status), status, error_message FROM videos"
_AT_WORK = (
    "SELECT j.video_id, j.state, j.error FROM transcoding_jobs j JOIN videos v ON v.id = j.video_id"
    " WHERE j.revision > v.revision AND j.state IN ('receiving', 'queued', 'running', 'failed')"
)


class Inspection:
    """Looks at the database and at files."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._told: set[tuple[str, int]] = set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.scene.clock.sleep(_EVERY_SECONDS)
            await self.look()
            await self._look_at_orphans()

    async def look(self) -> None:
        """Every row, and a few videos closely."""
        # What was promised before the look must be in it.
        due = [film for film in self.scene.ledger.promised if film.stays]
        moment = self.scene.clock.now()
        rows = await asyncio.to_thread(self.scene.server.query, _VIDEOS)
        at_work = {
            video_id: (state, error)
            for video_id, state, error in await asyncio.to_thread(self.scene.server.query, _AT_WORK)
        }
        found = self._by_film(rows)
        for film in due:
            if film.number not in found and film.stays:
                self._missing(film, moment)
        ready = []
        for number, (video_id, _, status, shown, error) in found.items():
            film = self.scene.ledger.films[number]
            film.video_id = video_id
            if not film.promised:
                # The answer was cut off, but the file is whole.
                self.scene.ledger.promise(film, video_id, moment)
            self._judge(film, status, error, moment)
            self._judge_new_revision(film, at_work.get(video_id))
            if shown == "ready" and status == "ready":
                film.was_ready = True
                ready.append(film)
        # In the trash nobody works on a video.
        waiting = {row[0] for row in rows if row[3] in ("receiving", "pending", "processing")}
        self.scene.unfinished = len(waiting | set(at_work))
        self.scene.chance.shuffle(ready)
        for film in ready[:_CLOSELY_AT_ONCE]:
            await self._closely(film)

    def _by_film(self, rows: list[tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
        found: dict[int, tuple[Any, ...]] = {}
        for row in rows:
            film = self.scene.ledger.of_title(row[1])
            if film is None or film.refused:
                self._tell("unknown video", row[0], row[1])
            elif film.number in found:
                self._tell("double", film.number, film.title)
            else:
                found[film.number] = row
        return found

    def _missing(self, film: Film, moment: float) -> None:
        waits = film.video_id is None and moment - film.promised_at < _LONGEST_ARRIVAL_SECONDS
        if not waits:
            self._tell("lost", film.number, film.title)

    def _judge(self, film: Film, status: str, error: str | None, moment: float) -> None:
        if film.deletion == "forever" and status != "deleting":
            self._tell("came back", film.number, f"{film.title} is {status}")
        if status == "failed":
            self._tell("failed", film.number, f"{film.title}: {error}")
        if status == "ready" or film.deletion or film.deleting:
            return
        if moment - film.promised_at > _LONGEST_WORK_SECONDS:
            self._tell("stuck", film.number, f"{film.title} is {status} for so long")

    def _judge_new_revision(self, film: Film, job: tuple[str, str | None] | None) -> None:
        if job is None:
            # Whoever is sending it now clears nothing away that is still to come.
            if film.replacing and film.number not in self.scene.taken:
                film.replacing = False
        elif job[0] == "failed":
            self._tell("revision failed", film.number, f"{film.title}: {job[1]}")

    async def _closely(self, film: Film) -> None:
        if film.number in self.scene.taken or not film.stays or film.video_id is None:
            return
        scene, begun = self.scene, self.scene.moment()
        with scene.alone_with(film):
            try:
                if film.replacing:
                    return
                rungs = await asyncio.to_thread(
                    look_closely, scene.server, film.video_id, film.file.frames
                )
            except (AssertionError, OSError, ValueError, SubprocessError) as error:
                kinds = ("kill", "stop")
                ended = scene.moment()
                if not scene.troubles.explain(begun, ended, *kinds, grace=_GRACE_SECONDS):
                    self._tell("not whole", film.number, f"{type(error).__name__} {error}")
                return
        scene.looked_at += 1
        scene.rungs += rungs

    async def _look_at_orphans(self) -> None:
        answer = await self.scene.admin.get("/api/storage/orphans")
        if answer is None or answer.status_code != 200:
            return
        for item in answer.json()["items"]:
            # Nobody goes on with an upload whose creation was cut off before its answer.
            if not item["path"].startswith("uploads/.incoming/"):
                self._tell("orphan", hash(item["path"]), str(item))

    def _tell(self, kind: str, number: int, what: str) -> None:
        if (kind, number) not in self._told:
            self._told.add((kind, number))
            self.scene.troubles.find(kind, what)

    async def at_the_end(self) -> None:
        """The server has swept and has nothing to do: every video, every file, every row."""
        scene = self.scene
        await self.look()
        for film in scene.ledger.promised:
            if film.stays:
                await self._closely(film)
        await asyncio.to_thread(self._files_and_rows)

    def _files_and_rows(self) -> None:
        server, troubles = self.scene.server, self.scene.troubles
        wait_for("every tool to end", lambda: not server.children(), 60)
        try:
            server.check_database()
        except AssertionError as error:
            troubles.find("database", str(error))
        if strangers := files_of_nobody(server):
            troubles.find("files of nobody", str(strangers[:30]))
        for name, keeps in server.query(
            "SELECT source_name, source_present FROM videos WHERE source_name IS NOT NULL"
        ):
            if bool(keeps) != (server.data / "uploads" / str(name)).is_file():
                troubles.find("original", f"{name}: the row says {keeps}")
        if left := server.query("SELECT id FROM publications"):
            troubles.find("publications", str(left))
        if left := server.query("SELECT name FROM doomed_sources"):
            troubles.find("doomed sources", str(left))
