"""Films without end, by every way in."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Awaitable, Callable

import httpx

from tests.torture.soaking.ledger import Film
from tests.torture.soaking.scene import Scene
from tests.torture.soaking.sending import Sender

# So many videos are on their way at most: the transcoder has work, and the disk has an end.
_MOST_UNFINISHED = 8
_PAUSE_SECONDS = 2.0
_AT_ONCE = 3
_REFUSALS = (400, 413, 415, 422)


class Incoming:
    """Sends films until it is told to stop."""

    def __init__(self, scene: Scene, sender: Sender) -> None:
        self.scene = scene
        self.sender = sender
        self.stopped = False
        self._ways: dict[str, Callable[[Film], Awaitable[None]]] = {
            "tus": self._by_tus,
            "form": self._by_form,
            "body": self._by_body,
            "drop": self._by_dropping,
            "command": self._by_command,
            "import": self._by_import,
            "garbage": self._garbage,
        }

    async def run(self) -> None:
        """Several at once, each after the other."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._one_after_the_other())

    async def _one_after_the_other(self) -> None:
        chance = self.scene.chance
        while not self.stopped:
            await self.scene.clock.sleep(_PAUSE_SECONDS * chance.random())
            if self.scene.unfinished >= _MOST_UNFINISHED:
                continue
            way = chance.choice(("tus", "tus", *self._ways))
            kind = chance.choice(self.scene.footage.kinds)
            file = await asyncio.to_thread(self.scene.footage.copy, kind)
            keeps = way in ("tus", "form", "body") and chance.random() < 0.3
            film = self.scene.ledger.add(way, file, keeps=keeps)
            try:
                await self._ways[way](film)
            finally:
                file.path.unlink(missing_ok=True)

    async def _by_tus(self, film: Film) -> None:
        video_id = await self.sender.in_pieces(film.file.path, **_said(film))
        if video_id is None:
            self.scene.troubles.find("refused", f"{film.title}, {film.file.path.name}")
        else:
            self._came(film, video_id)

    async def _by_form(self, film: Film) -> None:
        self._judge(film, await self.sender.form(film.file.path, **_said(film)))

    async def _by_body(self, film: Film) -> None:
        self._judge(film, await self.sender.body(film.file.path, **_said(film)))

    def _judge(self, film: Film, answer: httpx.Response | None) -> None:
        if answer is not None and answer.status_code == 201:
            self._came(film, answer.json()["id"])
        elif answer is not None and answer.status_code in _REFUSALS:
            self.scene.troubles.find("refused", f"{film.title}: {answer.text}")
        else:
            # Whoever was cut off does not know; there is one video of it at most.
            self.scene.ledger.counts["cut off for good"] += 1

    async def _by_dropping(self, film: Film) -> None:
        """Into the watched folder, slowly or at once."""
        folder = self.scene.server.data / "uploads"
        name = f"{film.title}{film.file.path.suffix}"
        if self.scene.chance.random() < 0.5:
            hidden = folder / f".{name}"
            await asyncio.to_thread(shutil.copyfile, film.file.path, hidden)
            hidden.rename(folder / name)
        else:
            with film.file.path.open("rb") as source, (folder / name).open("wb") as target:
                while piece := source.read(100_000):
                    target.write(piece)
                    target.flush()
                    await asyncio.sleep(0.1)
        self._came(film, None)

    async def _by_command(self, film: Film) -> None:
        """`vlog upload`, run again until it has succeeded."""
        await self._command(film, "upload", str(film.file.path), "--title", film.title)

    async def _by_import(self, film: Film) -> None:
        """`vlog import`, run again until it has succeeded."""
        place = self.scene.imports / f"{film.title}{film.file.path.suffix}"
        await asyncio.to_thread(shutil.copyfile, film.file.path, place)
        how = self.scene.chance.choice(((), ("--copy",), ("--move",)))
        try:
            await self._command(film, "import", str(place), "--visibility", "public", *how)
            if how == ("--move",) and place.exists():
                self.scene.troubles.find("import", f"{film.title} was not moved")
        finally:
            place.unlink(missing_ok=True)

    async def _command(self, film: Film, *words: str) -> None:
        while True:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "vlog", *words, "--json"),
                env=self.scene.server.environment,
                cwd=self.scene.server.folder,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            begun = self.scene.moment()
            said, complaint = await process.communicate()
            if process.returncode == 0:
                found = json.loads(said.decode().splitlines()[0])
                self._came(film, found.get("video_id") or found.get("id"))
                return
            self.scene.ledger.counts["commands run again"] += 1
            if not self.scene.troubles.explain(begun, self.scene.moment(), "kill", "stop", grace=5):
                self.scene.troubles.find("command", f"{words}: {complaint.decode()[-300:]}")
            await self.scene.clock.sleep(2)

    async def _garbage(self, film: Film) -> None:
        """What is no video must be refused and leave nothing."""
        film.refused = True
        broken = film.file.path.with_suffix(".mp4.broken.mp4")
        broken.write_bytes(self.scene.chance.randbytes(200_000))
        try:
            answer = await self.sender.form(broken, **_said(film))
        finally:
            broken.unlink()
        if answer is not None and answer.status_code not in (*_REFUSALS, 503):
            self.scene.troubles.find("garbage", f"{answer.status_code} {answer.text[:200]}")

    def _came(self, film: Film, video_id: int | None) -> None:
        self.scene.ledger.promise(film, video_id, self.scene.clock.now())


def _said(film: Film) -> dict[str, str]:
    keeps = {"keep_original": "true"} if film.keeps else {}
    return {"title": film.title, "visibility": "public", **keeps}
