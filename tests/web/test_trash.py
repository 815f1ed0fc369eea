"""Deleting, restoring and emptying by the admin API, and what the public gets meanwhile."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web import asgi
from vlog.database.engine import Database
from vlog.database.schema import Slug, Video
from vlog.database.types import now
from vlog.housekeeping.trash_keeper import TrashKeeper
from vlog.settings import LibrarySettings, Settings
from vlog.storage.hot_files import HotFiles
from vlog.web.admin import admin_app
from vlog.web.public import public_app
from vlog.web.services import Services

_FILES = ("master.m3u8", "360p_0000.ts", "thumbnail.jpg", "captions.vtt")


class _Site:
    """Both apps over one video whose files are there."""

    def __init__(self, made: Services) -> None:
        self.made = made
        self.admin = _client(admin_app(made, None), 9001)
        self.public = _client(public_app(made), 9000)

    async def add(self, slug: str) -> int:
        async def work(session: AsyncSession) -> int:
            session.add(Slug(slug=slug))
            await session.flush()
            video = Video(slug=slug, title=slug.title(), status="ready", has_thumbnail=True)
            video.published_at = video.playable_at = now()
            video.duration, video.source_name = 60.0, f"{slug}.mp4"
            session.add(video)
            await session.flush()
            return video.id

        for name in _FILES:
            self.made.storage.write_media(slug, name, b"x")
        self.made.storage.source(f"{slug}.mp4").write_bytes(b"source")
        return await self.made.database.write(work)

    async def trash(self) -> list[str]:
        answer = await self.admin.get("/api/trash")
        return [video["slug"] for video in answer.json()["videos"]]

    def files(self) -> set[str]:
        root = self.made.storage.root
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def _client(app: object, port: int) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}")


def _made(folder: Path, database: Database, days: int) -> Services:
    made = asgi.services(folder, database)
    settings = Settings(library=LibrarySettings(trash_days=days))
    made.remover.workshop.settings = settings
    parts = {name: getattr(made, name) for name in Services.__dataclass_fields__}
    return Services(**(parts | {"settings": settings, "hot_files": HotFiles(1_000_000)}))


@pytest.fixture
def site(tmp_path: Path, database: Database) -> _Site:
    return _Site(_made(tmp_path / "storage", database, 30))


async def test_a_deleted_video_is_gone_for_everybody_and_comes_back(site: _Site) -> None:
    video_id = await site.add("film")
    places = ["/watch/film", "/api/videos/film", *(f"/videos/film/{name}" for name in _FILES)]
    lists = ["/", "/feed.rss", "/sitemap.xml", "/search?q=film", "/api/videos"]
    for path in places * 2:
        # Twice, so that the segment lies in memory.
        assert (await site.public.get(path)).status_code == 200, path
    assert (await site.admin.delete(f"/api/videos/{video_id}")).status_code == 204
    for path in places:
        expected = 410 if path.startswith(("/watch/", "/embed/")) else 404
        assert (await site.public.get(path)).status_code == expected, path
    for path in lists:
        answer = await site.public.get(path)
        assert (answer.status_code, "/watch/film" in answer.text) == (200, False), path
    (thrown,) = (await site.admin.get("/api/trash")).json()["videos"]
    assert (thrown["slug"], thrown["status"], thrown["duration"]) == ("film", "ready", 60.0)
    assert thrown["expires_at"] > thrown["trashed_at"]
    # The panel shows its picture.
    assert (await site.admin.get(thrown["thumbnail_url"])).status_code == 200
    gone = await site.admin.get(f"/api/videos/{video_id}")
    assert (gone.status_code, "in the trash" in gone.json()["detail"]) == (404, True)
    assert (await site.admin.delete(f"/api/videos/{video_id}")).status_code == 404
    restored = await site.admin.post(f"/api/videos/{video_id}/restore")
    assert (restored.status_code, restored.json()["status"]) == (200, "ready")
    for path in places:
        assert (await site.public.get(path)).status_code == 200, path
    for path in lists:
        assert "/watch/film" in (await site.public.get(path)).text, path
    assert (await site.admin.post(f"/api/videos/{video_id}/restore")).status_code == 404


async def test_for_ever_is_for_ever(site: _Site) -> None:
    first, second = await site.add("first"), await site.add("second")
    assert (await site.admin.delete(f"/api/videos/{first}")).status_code == 204
    for video_id in (first, second):
        # From the trash, and past it.
        answer = await site.admin.delete(f"/api/videos/{video_id}?permanently=true")
        assert answer.status_code == 204
    assert await site.trash() == []
    assert site.files() == set()
    again = await site.admin.delete(f"/api/videos/{first}?permanently=true")
    assert again.status_code == 404


async def test_the_trash_is_emptied_and_its_files_follow(site: _Site) -> None:
    for slug in ("a", "b"):
        video_id = await site.add(slug)
        await site.admin.delete(f"/api/videos/{video_id}")
    await site.add("kept")
    assert (await site.admin.delete("/api/trash")).json() == {"removed": 2}
    assert await site.trash() == []
    await site.made.remover.recover()
    assert {name.split("/")[1].partition(".")[0] for name in site.files()} == {"kept"}
    assert (await site.admin.delete("/api/trash")).json() == {"removed": 0}


async def test_without_a_trash_videos_are_deleted_at_once(
    tmp_path: Path, database: Database
) -> None:
    site = _Site(_made(tmp_path / "storage", database, 0))
    video_id = await site.add("film")
    assert (await site.admin.delete(f"/api/videos/{video_id}")).status_code == 204
    assert (await site.trash(), site.files()) == ([], set())


@pytest.mark.parametrize(("days", "left"), [(30, ["film"]), (0, [])])
async def test_the_housekeeper_removes_what_is_over_time(
    site: _Site, days: int, left: list[str]
) -> None:
    await site.admin.delete(f"/api/videos/{await site.add('film')}")
    settings = Settings(library=LibrarySettings(trash_days=days))
    keeper = TrashKeeper(site.made.database, site.made.remover, settings)
    await keeper.empty_trash(anyio.Event())
    assert await site.trash() == left
    assert bool(site.files()) == bool(left)


async def test_the_page_of_the_trash_works_without_javascript(site: _Site) -> None:
    empty = (await site.admin.get("/trash")).text
    assert "The trash is empty." in empty
    for number in range(49):
        await site.admin.delete(f"/api/videos/{await site.add(f'film-{number}')}")
    first = (await site.admin.get("/trash")).text
    assert first.count("data-video-id=") == 48
    following = first.partition('href="/trash?cursor=')[2].partition('"')[0]
    second = (await site.admin.get(f"/trash?cursor={following}")).text
    assert second.count("data-video-id=") == 1
    assert "Film-0" in second
    assert "After 30 days" in second
