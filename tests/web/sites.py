"""Both apps in this process, over one database and one storage, and videos to put there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette

from vlog.configuration import Configuration
from vlog.courtesy import Courtesy
from vlog.database.engine import Database
from vlog.database.remembered import Remembered
from vlog.database.schema import Slug, Video
from vlog.database.types import now
from vlog.events import EventHub
from vlog.housekeeping.storage_keeper import StorageKeeper
from vlog.live_settings import LiveSettings
from vlog.panel_settings import PanelSettings
from vlog.settings import Settings
from vlog.storage.hot_files import HotFiles
from vlog.storage.local import LocalStorage
from vlog.web.admin import admin_app
from vlog.web.guard import Guard
from vlog.web.public import public_app
from vlog.web.services import Services
from vlog.webhooks.dispatcher import Dispatcher

MEDIA = (
    "master.m3u8",
    "360p.m3u8",
    "audio.m3u8",
    "360p_0000.ts",
    "audio_0000.ts",
    "audio_init.mp4",
    "720p-av1_0000.m4s",
    "thumbnail.jpg",
    "captions.vtt",
    "storyboard.vtt",
    "storyboard_0000.jpg",
)


@dataclass
class Site:
    """What asks: anybody, and the admin."""

    public: httpx.AsyncClient
    admin: httpx.AsyncClient
    database: Database
    storage: LocalStorage
    public_routes: Starlette
    services: Services

    async def add(self, slug: str, *, media: bool = False, **values: Any) -> Video:
        """A video that is ready and public since an hour, unless said otherwise."""
        moment = now() - timedelta(hours=1)
        row = {"title": slug, "status": "ready", "published_at": moment, "playable_at": moment}
        row |= {"duration": 60.0, "has_thumbnail": True, "created_at": moment}

        async def work(session: AsyncSession) -> Video:
            session.add(Slug(slug=slug))
            await session.flush()
            video = Video(slug=slug, **(row | values))
            session.add(video)
            await session.flush()
            return video

        if media:
            for name in MEDIA:
                for generation in (1, 2):
                    file = self.storage.media_file(slug, name, generation)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(b"x")
        return await self.database.write(work)


@asynccontextmanager
async def both_apps(
    database: Database,
    storage: LocalStorage,
    settings: Settings | None = None,
    configuration: Configuration | None = None,
) -> AsyncIterator[Site]:
    """The public site and the admin panel, asked without a network."""
    services = services_of_both(database, storage, settings, configuration)
    public, admin = public_app(services), admin_app(services)
    async with _client(public, 9000) as anybody, _client(admin, 9001) as owner:
        yield Site(anybody, owner, database, storage, innermost(public), services)


def services_of_both(
    database: Database,
    storage: LocalStorage,
    settings: Settings | None = None,
    configuration: Configuration | None = None,
) -> Services:
    """What both apps work with; nothing runs behind them."""
    woken = SimpleNamespace(wake=lambda: None, paused=False)
    live = LiveSettings.of(configuration or Configuration(settings or Settings(), None, {}))
    parts = {"settings": live, "database": database, "storage": storage}
    kept = {
        "hot_files": HotFiles(1_000_000),
        "courtesy": Courtesy(),
        "remembered": Remembered(database),
        "panel_settings": PanelSettings(database, live),
        "dispatcher": Dispatcher(database, live),
        "storage_keeper": StorageKeeper(database, storage, live, storage.root / "vlog.db"),
    }
    loops = {"transcoder": woken, "watched_folder": None, "events": EventHub()}
    loops["remover"] = SimpleNamespace(has_trash=True)
    return cast("Services", SimpleNamespace(**parts, **kept, **loops))


def _client(app: Guard, port: int) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}")


def innermost(app: object) -> Starlette:
    """The app with the routes, within all that is wrapped around it."""
    while not isinstance(app, Starlette):
        app = cast("Any", app).app
    return app
