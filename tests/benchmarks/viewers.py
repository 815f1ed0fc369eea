"""Many viewers at once: clients that follow playlists and play in real time, as players do."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from tests.benchmarks.line import Failed, Line
from tests.hls_playing import Buffer, segments_in

# The line of the viewers is mixed: most are content with a small rung.
_SHARES = (("360p", 5), ("480p", 3), ("720p", 2))


@dataclass
class Experience:
    """What all viewers together went through. Seconds."""

    waits: list[float] = field(default_factory=list)
    startups: list[float] = field(default_factory=list)
    stalls: int = 0
    failures: int = 0
    bytes: int = 0

    def percentile(self, share: float) -> float:
        """The wait for a segment that so many did not exceed."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * share))]


async def watch(port: int, slug: str, viewers: int, seconds: float) -> Experience:
    """Let `viewers` watch one video for so long; they come within the first ten seconds."""
    found = Experience()
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(viewers):
            viewer = _Viewer(port, slug, _rung(number), found)
            group.create_task(viewer.watch(number * 10 / viewers, end), name=f"viewer {number}")
    return found


def _rung(number: int) -> str:
    place = number % sum(share for _, share in _SHARES)
    for name, share in _SHARES:
        if place < share:
            return name
        place -= share
    raise AssertionError(number)


@dataclass
class _Viewer:
    port: int
    slug: str
    rung: str
    found: Experience

    async def watch(self, late: float, end: float) -> None:
        """Begin somewhere in the video, and go round in it until `end`."""
        await asyncio.sleep(late)
        began = time.monotonic()
        eye, ear = Line("127.0.0.1", self.port), Line("127.0.0.1", self.port)
        await self._get(eye, f"/videos/{self.slug}/master.m3u8")
        picture, sound = await self._playlist(eye, self.rung), await self._playlist(ear, "audio")
        position = hash((self.slug, late)) % len(picture)
        buffer = Buffer(time.monotonic)
        while time.monotonic() < end:
            if (pause := buffer.too_full_for) > 0:
                await asyncio.sleep(pause)
                continue
            address, duration = picture[position % len(picture)]
            heard = sound[position % len(sound)][0]
            await asyncio.gather(self._segment(eye, address), self._segment(ear, heard))
            position += 1
            waiting = buffer.played_until is None
            if buffer.add(duration) is not None:
                self.found.stalls += 1
            if waiting and buffer.played_until is not None:
                self.found.startups.append(time.monotonic() - began)
        eye.close()
        ear.close()

    async def _playlist(self, line: Line, name: str) -> list[tuple[str, float]]:
        """The segments of a rung, with their lengths in seconds."""
        address = f"/videos/{self.slug}/{name}.m3u8"
        return segments_in(address, (await self._get(line, address)).decode())

    async def _segment(self, line: Line, address: str) -> None:
        started = time.monotonic()
        content = await self._get(line, address)
        self.found.waits.append(time.monotonic() - started)
        self.found.bytes += len(content)

    async def _get(self, line: Line, address: str) -> bytes:
        try:
            return await line.get(address)
        except Failed:
            self.found.failures += 1
            return b""
