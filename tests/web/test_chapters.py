"""Chapters: a person's, those of the file and of the description, wherever they are shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.web.sites import Site, both_apps
from vlog.captions import webvtt
from vlog.captions.chapters import Chapter
from vlog.catalog import chapters
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.storage.local import LocalStorage

OF_THE_FILE = [Chapter(0.0, 30.0, "Reel 1"), Chapter(30.0, 60.0, "Reel 2")]


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        yield made


async def _shown(site: Site) -> list[str]:
    """The titles, which are the same everywhere."""
    of_api = [
        one["title"] for one in (await site.public.get("/api/videos/film")).json()["chapters"]
    ]
    file = await site.public.get("/videos/film/chapters.vtt")
    of_file = [cue.text for cue in webvtt.read(file.text)] if file.status_code == 200 else []
    page = (await site.public.get("/watch/film")).text
    assert of_file == of_api
    assert ("data-chapter-list" in page) == bool(of_api)
    assert all(title in page for title in of_api)
    return of_api


async def _put(site: Site, path: str, *marks: tuple[float, str]) -> Any:
    body = {"chapters": [{"start": start, "title": title} for start, title in marks]}
    return await site.admin.put(path, json=body)


async def test_a_person_s_chapters_count_before_all_others(site: Site) -> None:
    video = await site.add("film", description="0:00 Hello\n0:20 Goodbye")
    path = f"/api/videos/{video.id}/chapters"
    assert (await site.admin.get(path)).json()["origin"] == "description"
    assert await _shown(site) == ["Hello", "Goodbye"]
    await site.database.write(lambda s: chapters.from_container(s, video.id, OF_THE_FILE))
    assert (await site.admin.get(path)).json()["origin"] == "container"
    assert await _shown(site) == ["Reel 1", "Reel 2"]
    answer = await _put(site, path, (0.0, "Opening"), (12.5, "Harbour <b>"))
    assert answer.json() == {
        "origin": "edited",
        "chapters": [
            {"start": 0.0, "end": 12.5, "title": "Opening"},
            {"start": 12.5, "end": 60.0, "title": "Harbour <b>"},
        ],
    }
    assert (await site.public.get("/api/videos/film")).json()["chapters"][1]["title"] == (
        "Harbour <b>"
    )
    # Another look into the file changes nothing of what a person said.
    await site.database.write(lambda s: chapters.from_container(s, video.id, OF_THE_FILE[:1]))
    assert (await site.admin.get(path)).json()["origin"] == "edited"
    assert (await _put(site, path)).json() == {"origin": "edited", "chapters": []}
    assert await _shown(site) == []
    assert (await site.admin.delete(path)).json()["origin"] == "container"
    assert await _shown(site) == ["Reel 1"]


async def test_what_does_not_fit_is_refused_and_changes_nothing(site: Site) -> None:
    video = await site.add("film")
    path = f"/api/videos/{video.id}/chapters"
    await _put(site, path, (0.0, "Opening"))
    answer = await _put(site, path, (20.0, "Late"), (10.0, "Early"))
    assert answer.status_code == 422
    assert answer.json()["detail"] == "Chapter 2 must begin after chapter 1."
    for body in ({}, {"chapters": [{"start": "x", "title": "T"}]}, {"chapters": [{"start": 1}]}):
        assert (await site.admin.put(path, json=body)).status_code == 422
    assert await _shown(site) == ["Opening"]
    assert (await site.admin.get("/api/videos/99/chapters")).status_code == 404
    assert (await _put(site, "/api/videos/99/chapters")).status_code == 404
    new = await site.add("new", status="pending", duration=None)
    assert (await _put(site, f"/api/videos/{new.id}/chapters")).status_code == 409


async def test_chapters_end_where_a_shorter_file_ends(site: Site) -> None:
    video = await site.add("film")
    await _put(site, f"/api/videos/{video.id}/chapters", (0.0, "One"), (20.0, "Two"), (50.0, "End"))

    async def shorten(session: Any) -> None:
        (await session.get_one(Video, video.id)).duration = 40.0

    await site.database.write(shorten)
    shown = (await site.public.get("/api/videos/film")).json()["chapters"]
    assert [(one["start"], one["end"]) for one in shown] == [(0.0, 20.0), (20.0, 40.0)]
