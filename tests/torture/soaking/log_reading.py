"""The server's log, read as it grows: errors that nothing explains, parts that are done twice."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

from tests.torture.checks import part_of
from tests.torture.soaking.scene import Scene

_EVERY_SECONDS = 2.0
# From a blow to its line in the log, and to our look at it.
_GRACE_SECONDS = 15.0
# What a tool that was killed or halted makes of a piece of work. All else is a finding.
_OF_TOOLS = frozenset(("work_failed", "transcription_failed"))
_GREETINGS = ("Public site: ", "Admin panel: ", "The panel has no password", "http://localhost:")


class LogReading:
    """Reads what was written since it looked last."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.counts: Counter[str] = Counter()
        self._place = 0
        self._parts: set[tuple[object, ...]] = set()

    async def run(self) -> None:
        """Read for ever."""
        while True:
            await self.scene.clock.sleep(_EVERY_SECONDS)
            self.read()

    def read(self) -> None:
        """Read to the end."""
        with self.scene.server.log.open("rb") as log:
            log.seek(self._place)
            *lines, rest = log.read().split(b"\n")
            self._place = log.tell() - len(rest)
        for line in lines:
            self._line(line.decode(errors="replace"))

    def _line(self, line: str) -> None:
        if not line.startswith("{"):
            if line.strip() and not line.startswith(_GREETINGS):
                self.scene.troubles.find("line in the log", line[:300])
            return
        try:
            record: dict[str, Any] = json.loads(line)
        except ValueError:
            self.counts["lines that a kill cut off"] += 1
            return
        self._record(record)

    def _record(self, record: dict[str, Any]) -> None:
        action, level = str(record.get("action")), str(record.get("level"))
        if level not in ("debug", "info"):
            self.counts[f"{level}: {action}"] += 1
        if action == "part_done":
            part = part_of(record)
            if part in self._parts:
                self.scene.troubles.find("done twice", str(part))
            self._parts.add(part)
        if level in ("error", "critical") and not self._is_explained(action):
            text = json.dumps({key: str(value)[-700:] for key, value in record.items()})
            self.scene.troubles.find("error in the log", text)

    def _is_explained(self, action: str) -> bool:
        moment = time.monotonic()
        kinds = ("tool killed", "tool halted")
        return action in _OF_TOOLS and bool(
            self.scene.troubles.explain(moment, moment, *kinds, grace=_GRACE_SECONDS)
        )
