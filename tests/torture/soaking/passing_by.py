"""People and programs who look at pages and ask the API, a few times a second."""

from __future__ import annotations

import asyncio

from tests.torture.soaking.asking import Asker
from tests.torture.soaking.scene import Scene

_PUBLIC = (
    *("/", "/api/videos?limit=20", "/api/videos?sort=title", "/search?q=boats", "/sitemap.xml"),
    *("/api/search?q=boats", "/api/search?q=film", "/api/search/suggestions?q=fi", "/healthz"),
    *("/api/tags", "/tag/sea", "/feed.xml", "/robots.txt", "/openapi.json", "/nowhere"),
)
_ADMIN = (
    *("/", "/work", "/trash", "/analytics", "/settings", "/storage", "/health", "/metrics"),
    *("/api/videos?limit=100", "/api/work", "/api/uploads", "/api/uploads/space", "/api/trash"),
    *("/api/analytics/overview", "/api/analytics/videos", "/api/storage", "/api/health"),
)


class PassingBy:
    """Asks for ever."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    async def run(self) -> None:
        """Visitors, an admin, and somebody who opens videos' pages."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask(self.scene.public, _PUBLIC, 0.7))
            group.create_task(self._ask(self.scene.admin, _ADMIN, 1.0))
            group.create_task(self._open_videos())
            group.create_task(self._listen())

    async def _ask(self, asker: Asker, places: tuple[str, ...], seconds: float) -> None:
        while True:
            await asker.get(self.scene.chance.choice(places), headers={"accept": "text/html"})
            await asyncio.sleep(seconds * self.scene.chance.uniform(0.5, 1.5))

    async def _open_videos(self) -> None:
        while True:
            await asyncio.sleep(1)
            answer = await self.scene.public.get("/api/videos?limit=30")
            if answer is None or answer.status_code != 200 or not answer.json()["videos"]:
                continue
            video = self.scene.chance.choice(answer.json()["videos"])
            place = self.scene.chance.choice(("", "/progress", "/transcript", "/captions"))
            await self.scene.public.get(f"/watch/{video['slug']}")
            await self.scene.public.get(f"/api/videos/{video['slug']}{place}")
            if video["thumbnail_url"]:
                await self.scene.public.get(video["thumbnail_url"])
            await self.scene.admin.get(f"/videos/{video['id']}")

    async def _listen(self) -> None:
        """A panel that is open all the time hears what changes."""
        while True:
            try:
                async with self.scene.admin.http.stream("GET", "/api/events", timeout=30) as events:
                    async for _ in events.aiter_lines():
                        self.scene.ledger.counts["lines of events"] += 1
            except Exception:
                await asyncio.sleep(1)
