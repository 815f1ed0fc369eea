"""Requests to the server, of which every unhappy answer is looked at."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from typing import Any

import httpx

from tests.torture.soaking.troubles import Troubles

# A request that came into the listening socket of a server that was killed is seen so late.
_GRACE_SECONDS = 3.0
_NUMBERS = re.compile(r"/\d+|/film-[^/?]+|/[0-9a-f]{32}|\?.*")


class Asker:
    """One client for many who ask at once."""

    def __init__(self, base: str, troubles: Troubles) -> None:
        limits = httpx.Limits(max_connections=200, keepalive_expiry=2.0)
        self.http = httpx.AsyncClient(base_url=base, limits=limits, timeout=60)
        self.troubles = troubles
        self.answers: Counter[str] = Counter()
        self.waits: list[float] = []

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """An answer, or None where there is none. Errors of the server are looked at."""
        began = time.monotonic()
        try:
            answer = await self.http.request(method, path, **more)
        except httpx.TransportError as error:
            self._unanswered(method, path, began, error)
            return None
        ended = time.monotonic()
        self.waits.append(ended - began - self.troubles.clock.stood_still(began, ended))
        self.answers[f"{answer.status_code}"] += 1
        if answer.status_code >= 500:
            self._refused(method, path, began, answer)
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response | None:
        """The same for a GET."""
        return await self.ask("GET", path, **more)

    async def insist(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask until there is an answer that is not for the moment alone. Not for bodies."""
        while True:
            answer = await self.ask(method, path, **more)
            if answer is not None and answer.status_code < 500:
                return answer
            await asyncio.sleep(1)

    async def close(self) -> None:
        """Let the connections go."""
        await self.http.aclose()

    def _unanswered(self, method: str, path: str, began: float, error: Exception) -> None:
        ended = time.monotonic()
        why = self.troubles.explain(began, ended, "kill", "stop", grace=_GRACE_SECONDS)
        self.answers["none"] += 1
        if why is None:
            text = f"{method} {path}: {type(error).__name__} {error} after {ended - began:.1f} s"
            self.troubles.find("no answer", text)

    def _refused(self, method: str, path: str, began: float, answer: httpx.Response) -> None:
        stopping = self.troubles.explain(began, time.monotonic(), "kill", "stop", grace=1.0)
        comes_again = "retry-after" in answer.headers or path == "/readyz"
        if answer.status_code == 503 and comes_again and stopping:
            return
        place = _NUMBERS.sub("/…", path)
        self.troubles.find(f"answer {answer.status_code}", f"{method} {place}: {answer.text[:300]}")
