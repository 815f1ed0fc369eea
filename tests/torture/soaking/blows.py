"""What is done to the server every one to three minutes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.end_to_end.server import Server
from tests.torture.soaking.scene import Scene
from tests.torture.soaking.sending import Sender

_LEAST_SECONDS, _MOST_SECONDS = 60.0, 180.0
# Of every round the last part has no new life of the server, so that one can be seen to grow.
_ROUND_SECONDS, _CALM_SECONDS = 2400.0, 900.0
_LONGEST_STOP_SECONDS = 25.0


class Blows:
    """Strikes until it is told to stop."""

    def __init__(self, scene: Scene, sender: Sender) -> None:
        self.scene = scene
        self.sender = sender
        self._on_server: tuple[Callable[[], Awaitable[None]], ...] = (self._kill, self._stop)
        self._on_others: tuple[Callable[[], Awaitable[None]], ...] = (
            self._kill_tool,
            self._halt_tool,
            self._cut,
        )

    async def run(self) -> None:
        """One after the other."""
        clock, chance = self.scene.clock, self.scene.chance
        while True:
            await clock.sleep(chance.uniform(_LEAST_SECONDS, _MOST_SECONDS))
            calm = clock.now() % _ROUND_SECONDS > _ROUND_SECONDS - _CALM_SECONDS
            kinds = self._on_others if calm or chance.random() < 0.5 else self._on_server
            await chance.choice(kinds)()

    async def _kill(self) -> None:
        await self.scene.lives.end_and_begin(signal.SIGKILL)

    async def _stop(self) -> None:
        await self.scene.lives.end_and_begin(signal.SIGTERM)

    async def _kill_tool(self) -> None:
        pid = await self._working_tool()
        if pid is not None:
            with self.scene.troubles.going_on("tool killed"), contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    async def _halt_tool(self) -> None:
        pid = await self._working_tool()
        if pid is None:
            return
        with self.scene.troubles.going_on("tool halted"), contextlib.suppress(OSError):
            os.kill(pid, signal.SIGSTOP)
            await self.scene.clock.sleep(self.scene.chance.uniform(1, _LONGEST_STOP_SECONDS))
            os.kill(pid, signal.SIGCONT)

    async def _cut(self) -> None:
        with self.scene.troubles.going_on("cut"):
            self.sender.cut_next += 1

    async def _working_tool(self) -> int | None:
        """A running ffmpeg, once there is one within a few seconds."""
        for _ in range(40):
            if found := await asyncio.to_thread(_encoders, self.scene.server):
                return self.scene.chance.choice(found)
            await asyncio.sleep(0.25)
        return None


def _encoders(server: Server) -> list[int]:
    found = []
    for pid in server.children():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text().strip() == "ffmpeg":
                found.append(pid)
    return found
