"""Viewers at play speed, who follow playlists as they grow and go from video to video."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Any
from urllib.parse import urljoin

from tests.end_to_end.streams import segments_of
from tests.hls_playing import Buffer, segments_in
from tests.torture.soaking.scene import Scene

_VIEWERS = 20
_LONGEST_SECONDS = 90.0
_RELOAD_SECONDS = 3.0
_TRIES = 40
# After the server is back, players may still stand still for so long.
_GRACE_SECONDS = 20.0
_HEARTBEAT_SECONDS = 15.0


# A file's sound may end a little before its picture.
_SHORTER_SOUND_SECONDS = 1.0
_SOUND = re.compile(r'TYPE=AUDIO.*?URI="([^"]+)"')


class Gone(Exception):
    """What was watched is not there any more."""


class Audience:
    """All viewers, and what they went through."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.counts: Counter[str] = Counter()
        self.longest_stall = 0.0
        self.startups: list[float] = []

    async def run(self) -> None:
        """Watch for ever."""
        async with asyncio.TaskGroup() as group:
            for number in range(_VIEWERS):
                group.create_task(self._viewer(number), name=f"viewer {number}")

    async def _viewer(self, number: int) -> None:
        await self.scene.clock.sleep(number * 0.5)
        while True:
            video = await self._choose()
            if video is None:
                await self.scene.clock.sleep(3)
                continue
            try:
                await _Watching(self, video).watch()
            except Gone:
                await self._look_if_gone(video)

    async def _choose(self) -> dict[str, Any] | None:
        answer = await self.scene.public.get("/api/videos?limit=60")
        if answer is None or answer.status_code != 200:
            return None
        found = [video for video in answer.json()["videos"] if video["stream_url"]]
        return self.scene.chance.choice(found) if found else None

    async def _look_if_gone(self, video: dict[str, Any]) -> None:
        """A video whose files are not there must not be there either."""
        film = self.scene.ledger.of_title(video["title"])
        if film is not None and (film.deletion or film.deleting):
            self.counts["videos that went"] += 1
            return
        answer = await self.scene.public.insist("GET", f"/api/videos/{video['slug']}")
        if answer.status_code == 200 and answer.json()["stream_url"] == video["stream_url"]:
            self.scene.troubles.find("missing file", f"of {video['slug']}, which is there")
        else:
            self.counts["videos that went"] += 1


class _Watching:
    """One viewer with one video."""

    def __init__(self, audience: Audience, video: dict[str, Any]) -> None:
        self.audience = audience
        self.scene = audience.scene
        self.video = video
        self.buffer = Buffer(self.scene.clock.now)
        self.watched = 0.0
        self.waited_for_encoder = False

    async def watch(self) -> None:
        """As long as it is liked, or to its end. Raises Gone."""
        clock, chance = self.scene.clock, self.scene.chance
        began = clock.now()
        end = began + chance.uniform(5, _LONGEST_SECONDS)
        rung, sound = await self._choose_rung()
        heartbeats = asyncio.create_task(self._report(), name="heartbeats")
        try:
            await self._play(rung, sound, end)
        finally:
            heartbeats.cancel()

    async def _choose_rung(self) -> tuple[str, str | None]:
        """The address of a picture's playlist, and of that of the sound where there is one."""
        master: str = self.video["stream_url"]
        text = await self._text(master)
        rungs = segments_of(text)
        if not rungs:
            raise Gone
        sound = _SOUND.search(text)
        rung = urljoin(master, self.scene.chance.choice(rungs))
        return rung, urljoin(master, sound[1]) if sound else None

    async def _play(self, rung: str, sound: str | None, end: float) -> None:
        clock, buffer = self.scene.clock, self.buffer
        began, position = clock.now(), 0
        while clock.now() < end:
            text = await self._text(rung)
            listed = segments_in(rung, text)
            heard = segments_in(sound, await self._text(sound)) if sound else []
            if sound:
                self._compare(listed, heard)
            while position < len(listed) and clock.now() < end:
                if (pause := buffer.too_full_for) > 0:
                    await clock.sleep(pause)
                    continue
                address, duration = listed[position]
                moment = self.scene.moment()
                await self._bytes(address)
                for other, _ in heard[position : position + 1]:
                    await self._bytes(other)
                position += 1
                waiting = buffer.played_until is None
                self._note_stall(buffer.add(duration), moment)
                if waiting and buffer.played_until is not None:
                    self.audience.startups.append(clock.now() - began)
            if "#EXT-X-ENDLIST" in text and position >= len(listed):
                # What is loaded is watched to its end.
                await clock.sleep(max(0.0, min(buffer.ahead, end - clock.now())))
                self.watched = clock.now() - began
                return
            if position >= len(listed):
                self.waited_for_encoder = buffer.ahead < _RELOAD_SECONDS * 2
                await clock.sleep(_RELOAD_SECONDS)
        self.watched = clock.now() - began

    def _compare(self, seen: list[tuple[str, float]], heard: list[tuple[str, float]]) -> None:
        """No picture may be shown for which there is no sound, or players stand still there."""
        picture, sound = (sum(seconds for _, seconds in one) for one in (seen, heard))
        if sound < picture - _SHORTER_SOUND_SECONDS:
            text = f"{sound:.1f} s of sound for {picture:.1f} s in {self.video['slug']}"
            self.scene.troubles.find("sound behind", text)

    def _note_stall(self, seconds: float | None, began: float) -> None:
        encoder, self.waited_for_encoder = self.waited_for_encoder, False
        if seconds is None:
            return
        if encoder:
            self.audience.counts["stalls at the end of what is encoded"] += 1
            return
        moment = self.scene.moment()
        began = min(began, moment - seconds)
        why = self.scene.troubles.explain(began, moment, "kill", "stop", grace=_GRACE_SECONDS)
        self.audience.longest_stall = max(self.audience.longest_stall, seconds)
        self.audience.counts[f"stalls after: {why or 'nothing'}"] += 1
        if why is None:
            self.scene.troubles.find("stall", f"{seconds:.1f} s in {self.video['slug']}")

    async def _text(self, address: str) -> str:
        return (await self._bytes(address)).decode()

    async def _bytes(self, address: str) -> bytes:
        """What lies there; asked for again after a while, as players do. Raises Gone."""
        for _ in range(_TRIES):
            answer = await self.scene.public.get(address)
            if answer is not None and answer.status_code == 200:
                if address.endswith((".ts", ".m4s")):
                    self.audience.counts["segments"] += 1
                    self.audience.counts["bytes"] += len(answer.content)
                return answer.content
            if answer is not None and answer.status_code in (403, 404, 410):
                raise Gone
            await asyncio.sleep(1)
        raise Gone

    async def _report(self) -> None:
        """What a player tells of a viewing."""
        public, clock = self.scene.public, self.scene.clock
        begun = await public.ask(
            "POST", "/api/analytics/session", json={"video_id": self.video["id"]}
        )
        if begun is None or begun.status_code != 200:
            return
        token, since = begun.json()["session_token"], clock.now()
        for sequence in range(1, 1000):
            await clock.sleep(_HEARTBEAT_SECONDS)
            watched = min(clock.now() - since, self.video["duration"] or 1e9)
            said = {"session_token": token, "sequence": sequence, "ranges": [[0, watched]]}
            if token is not None:
                await public.ask("POST", "/api/analytics/heartbeat", json=said)
                self.audience.counts["heartbeats"] += 1
