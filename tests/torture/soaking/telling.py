"""What a soak prints: a line now and then, and a table at the end."""

from __future__ import annotations

import time

from tests.torture.soaking.audience import Audience
from tests.torture.soaking.life import Life
from tests.torture.soaking.log_reading import LogReading
from tests.torture.soaking.scene import Scene
from tests.torture.soaking.sending import Sender
from tests.torture.soaking.troubles import STARVED

_EVERY_SECONDS = 300.0
_DONE = ("kill", "stop", "tool killed", "tool halted", "cut")


class Telling:
    """Knows where all the figures are."""

    def __init__(
        self, scene: Scene, sender: Sender, audience: Audience, reading: LogReading
    ) -> None:
        self.scene = scene
        self.sender = sender
        self.audience = audience
        self.reading = reading

    async def run(self) -> None:
        """A line every five minutes."""
        while True:
            await self.scene.clock.sleep(_EVERY_SECONDS)
            print(self.line(), flush=True)

    def line(self) -> str:
        """How it stands."""
        scene, counts = self.scene, self.audience.counts
        films = scene.ledger.promised
        deleted = sum(film.deletion == "forever" for film in films)
        last = scene.lives.now.samples[-1:]
        took = f"{last[0].resident:.0f} MiB, {last[0].files} files" if last else "-"
        stalls = sum(count for name, count in counts.items() if name.startswith("stalls after"))
        return (
            f"{time.strftime('%H:%M:%S')} {scene.clock.now() / 60:.0f} min: {len(films)} in, "
            f"{sum(film.was_ready for film in films)} were ready, {deleted} deleted, "
            f"{scene.unfinished} at work; {len(scene.lives.all)} lives, {took}; "
            f"{counts['segments']} segments, {stalls} stalls; {scene.looked_at} looked at; "
            f"found {scene.troubles.summary() or 'nothing'}"
        )

    def table(self) -> list[str]:
        """Everything that was counted."""
        scene = self.scene
        films = scene.ledger.promised
        waits = sorted(scene.public.waits) or [0.0]
        stood = sum(to - since for since, to in scene.clock.gaps)
        rows: list[tuple[str, object]] = [
            ("minutes that it ran", f"{scene.clock.now() / 60:.1f}"),
            ("it stood still, times (seconds)", f"{len(scene.clock.gaps)} ({stood:.0f})"),
            ("others had the processors (s)", f"{scene.troubles.seconds(STARVED):.0f}"),
            ("videos in", len(films)),
            ("videos that became ready", sum(film.was_ready for film in films)),
            ("videos deleted for ever", sum(film.deletion == "forever" for film in films)),
            ("uploads cut by the client", self.sender.cuts),
            ("uploads resumed", self.sender.resumed),
            ("ready videos looked through", f"{scene.looked_at} ({scene.rungs} renditions)"),
            *((f"done: {kind}", scene.troubles.count(kind)) for kind in _DONE),
            ("slowest start (s)", f"{max(scene.lives.starts):.1f}"),
            ("segments served", self.audience.counts["segments"]),
            ("longest stall (s)", f"{self.audience.longest_stall:.1f}"),
            ("a public answer, p50, p99, worst (s)", _percentiles(waits)),
            ("public answers", _counted(scene.public.answers)),
            ("admin answers", _counted(scene.admin.answers)),
            ("largest write-ahead log (MiB)", f"{scene.lives.largest_log / 2**20:.1f}"),
        ]
        rows += self._resources()
        rows += sorted(scene.ledger.counts.items())
        rows += sorted((f"viewers: {name}", count) for name, count in self.audience.counts.items())
        rows += sorted((f"log: {name}", count) for name, count in self.reading.counts.items())
        rows += [("found", scene.troubles.summary() or "nothing")]
        return [f"{name:<44} {value}" for name, value in rows]

    def _resources(self) -> list[tuple[str, object]]:
        lives = [life for life in self.scene.lives.all if life.samples]
        samples = [sample for life in lives for sample in life.samples]
        long = sorted(lives, key=lambda life: -life.samples[-1].age)[:5]
        return [
            ("most memory (MiB)", f"{max(sample.resident for sample in samples):.0f}"),
            ("most open files", max(sample.files for sample in samples)),
            ("most threads", max(sample.threads for sample in samples)),
            *((f"life of {life.samples[-1].age / 60:.0f} min", _growth(life)) for life in long),
        ]


def _growth(life: Life) -> str:
    found = life.quarters()
    if found is None:
        return "too short to say"
    first, last = found
    ends = life.samples[0], life.samples[-1]
    slope = (last - first) / (life.samples[-1].age * 0.75) * 3600
    return (
        f"{first:.1f} MiB in the first quarter, {last:.1f} in the last ({slope:+.0f} an hour); "
        f"files {ends[0].files} to {ends[1].files}, threads {ends[0].threads} to {ends[1].threads}"
    )


def _percentiles(waits: list[float]) -> str:
    return " ".join(f"{waits[int((len(waits) - 1) * share)]:.3f}" for share in (0.5, 0.99, 1.0))


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
