"""What people do with videos that are there: change, replace, encode anew, delete, restore."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from tests.torture.soaking.ledger import Film
from tests.torture.soaking.scene import Scene
from tests.torture.soaking.sending import Sender

# From here on the oldest go, so that the disk has an end.
_MOST_VIDEOS = 30
_EVERY_SECONDS = 10.0


class Editing:
    """Does something every few seconds until it is told to stop."""

    def __init__(self, scene: Scene, sender: Sender) -> None:
        self.scene = scene
        self.sender = sender
        self.stopped = False
        self._acts: tuple[Callable[[Film], Awaitable[None]], ...] = (
            *(self._describe, self._describe, self._describe),
            *(self._replace, self._encode_anew, self._build_or_drop, self._fetch_original),
            self._throw_away_and_restore,
        )

    async def run(self) -> None:
        """One thing after the other."""
        clock, chance = self.scene.clock, self.scene.chance
        while not self.stopped:
            await clock.sleep(_EVERY_SECONDS * chance.uniform(0.5, 1.5))
            free = [
                film
                for film in self.scene.ledger.promised
                if film.stays and film.video_id and film.number not in self.scene.taken
            ]
            if len(free) > _MOST_VIDEOS:
                await self._alone(free[0], self._delete)
            elif ready := [film for film in free if film.was_ready and not film.replacing]:
                await self._alone(chance.choice(ready), chance.choice(self._acts))
            if free and chance.random() < 0.03:
                # Whatever state it is in.
                await self._alone(chance.choice(free), self._delete)

    async def _alone(self, film: Film, act: Callable[[Film], Awaitable[None]]) -> None:
        with self.scene.alone_with(film):
            await act(film)
        self.scene.ledger.counts[act.__name__.strip("_").replace("_", " ")] += 1

    async def _describe(self, film: Film) -> None:
        words: dict[str, object] = {
            "title": f"{film.title}, told anew",
            "description": f"0:00 Start\n0:04 Later\n{self.scene.chance.random()}",
            "tags": self.scene.chance.sample(["sea", "harbour", "dawn", "boats"], 2),
        }
        await self._change("PUT", film, "", words)

    async def _encode_anew(self, film: Film) -> None:
        ladder = self.scene.chance.choice((["240p", "144p"], ["144p"]))
        await self._change("POST", film, "/retranscode", {"ladder": ladder})

    async def _build_or_drop(self, film: Film) -> None:
        name = self.scene.chance.choice(("144p", "240p"))
        if self.scene.chance.random() < 0.5:
            await self._change("POST", film, f"/qualities/{name}", {})
        else:
            await self._change("DELETE", film, f"/qualities/{name}")

    async def _change(
        self, method: str, film: Film, place: str, said: dict[str, object] | None = None
    ) -> None:
        path = f"/api/videos/{film.video_id}{place}"
        answer = await self.scene.admin.ask(method, path, json=said)
        if answer is not None and answer.status_code not in (200, 202, 409, 422, 503):
            text = f"{method} {path}: {answer.status_code} {answer.text[:200]}"
            # One of the two rungs that are asked for need not be there.
            if not (answer.status_code == 404 and "qualities" in place):
                self.scene.troubles.find("change", text)

    async def _replace(self, film: Film) -> None:
        """Another file in the place of its own."""
        kind = self.scene.chance.choice(self.scene.footage.kinds)
        file = await asyncio.to_thread(self.scene.footage.copy, kind)
        film.replacing = True
        try:
            found = await self.sender.in_pieces(file.path, replaces=str(film.video_id))
        finally:
            file.path.unlink()
        if found is None:
            film.replacing = False
            self.scene.troubles.find("replacement refused", film.title)
            return
        film.file, film.keeps = file, False

    async def _fetch_original(self, film: Film) -> None:
        """A kept original is what was sent."""
        if not film.keeps:
            return
        answer = await self.scene.admin.get(f"/api/videos/{film.video_id}/source")
        if answer is None or answer.status_code == 503:
            return
        if hashlib.sha256(answer.content).hexdigest() != film.file.sha256:
            text = f"{film.title}: {answer.status_code}, {len(answer.content)} bytes"
            self.scene.troubles.find("original", text)
        self.scene.ledger.counts["originals compared"] += 1

    async def _throw_away_and_restore(self, film: Film) -> None:
        await self._remove(film, forever=False)
        if film.deletion != "trash":
            return
        await self.scene.clock.sleep(self.scene.chance.uniform(0, 10))
        path = f"/api/videos/{film.video_id}/restore"
        answer = await self.scene.admin.insist("POST", path)
        # After an answer that a kill has cut off it is restored already.
        if answer.status_code in (200, 404, 409) and self._state(film) not in ("trashed", None):
            film.deletion = ""
        else:
            self.scene.troubles.find("restore", f"{answer.status_code} {answer.text[:200]}")

    async def _delete(self, film: Film) -> None:
        """For ever, often by way of the trash."""
        if self.scene.chance.random() < 0.5:
            await self._remove(film, forever=False)
        while film.deletion != "forever":
            await self._remove(film, forever=True)

    async def _remove(self, film: Film, *, forever: bool) -> None:
        query = "?permanently=true" if forever else ""
        film.deleting = True
        answer = await self.scene.admin.ask("DELETE", f"/api/videos/{film.video_id}{query}")
        if answer is not None and answer.status_code == 204:
            film.deletion = "forever" if forever else "trash"
        else:
            await self.scene.admin.insist("GET", "/readyz")
            state = self._state(film)
            gone = state in (None, "deleting")
            film.deletion = "forever" if gone else "trash" if state == "trashed" else ""
        film.deleting = False

    def _state(self, film: Film) -> str | None:
        rows = self.scene.server.query("SELECT status FROM videos WHERE id = ?", film.video_id)
        return str(rows[0][0]) if rows else None
