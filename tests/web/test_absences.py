"""What stands in the place of a video that cannot be watched now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.sites import Site, both_apps
from vlog.database.engine import Database
from vlog.database.schema import ShareLink, Video
from vlog.database.types import now
from vlog.storage.local import LocalStorage
from vlog.web.absences import preparing_sentence
from vlog.web.models.progress import ProgressOut

HTML = {"accept": "text/html,*/*"}
MISSING: dict[str, Any] = {"playable_at": None, "published_at": None}
STATES: dict[str, tuple[dict[str, Any], int, str]] = {
    "pending": ({"status": "pending"} | MISSING, 404, "waits for its turn"),
    "preparing": ({"status": "processing"} | MISSING, 404, "is being prepared"),
    "failed": ({"status": "failed"} | MISSING, 404, "Something went wrong"),
    "private": ({"visibility": "private"}, 404, "This video is private"),
    "scheduled": ({"published_at": now() + timedelta(days=2)}, 404, "Not out yet"),
    "going": ({"status": "deleting"}, 410, "This video was removed"),
    "gone": ({}, 410, "This video was removed"),
    "arriving": ({"status": "receiving"} | MISSING, 404, "There is nothing at this address"),
}
TITLED = ("pending", "preparing")


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async def remove(session: AsyncSession) -> None:
        await session.execute(delete(Video).where(Video.slug == "gone"))

    async with both_apps(database, storage) as made:
        for slug, (values, _, _) in STATES.items():
            await made.add(slug, **({"title": f"The film {slug}"} | values))
        await database.write(remove)
        yield made


@pytest.mark.parametrize("page", ["watch", "embed"])
@pytest.mark.parametrize("slug", STATES)
async def test_each_state_has_its_own_sentence(site: Site, slug: str, page: str) -> None:
    _, status, sentence = STATES[slug]
    answer = await site.public.get(f"/{page}/{slug}", headers=HTML)
    assert answer.status_code == status
    assert sentence in answer.text
    assert "data-player" not in answer.text
    # A title may be told once everybody may see the video.
    assert (f"The film {slug}" in answer.text) is (slug in TITLED)
    if slug != "arriving":
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        program = await site.public.get(f"/{page}/{slug}", headers={"accept": "*/*"})
        assert program.status_code == status
        assert program.json()["code"] == ("video_gone" if status == 410 else "not_found")
    others = [text for _, (_, _, text) in STATES.items() if text != sentence]
    assert not [text for text in others if text in answer.text]


async def test_what_never_was_is_just_not_there(site: Site) -> None:
    answer = await site.public.get("/watch/never", headers=HTML)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


@pytest.mark.parametrize("slug", ["private", "scheduled"])
async def test_a_link_that_has_ended_says_so(site: Site, database: Database, slug: str) -> None:
    listed = (await site.admin.get("/api/videos")).json()["videos"]
    video_id = next(video["id"] for video in listed if video["slug"] == slug)
    made = await site.admin.post(f"/api/videos/{video_id}/share-links", json={})
    link = made.json()["watch_url"]
    assert (await site.public.get(link, headers=HTML)).status_code == 200
    site.public.cookies.clear()

    async def unmake(session: AsyncSession) -> None:
        video = await session.get_one(Video, video_id)
        video.status, video.playable_at = "processing", None

    await database.write(unmake)
    assert "is being prepared" in (await site.public.get(link, headers=HTML)).text
    await database.write(lambda session: session.execute(delete(ShareLink)))
    ended = await site.public.get(link, headers=HTML)
    assert ended.status_code == 404
    assert "This link no longer works" in ended.text
    for page in (f"/watch/{slug}", f"/embed/{slug}?key=1.2.{'x' * 32}"):
        assert STATES[slug][2] in (await site.public.get(page, headers=HTML)).text


def test_the_sentence_says_how_far_it_is_and_how_long_it_takes() -> None:
    values = dict.fromkeys(ProgressOut.model_fields) | {
        "status": "processing",
        "current_step": "",
        "progress_percent": 34.4,
        "qualities": [],
        "sounds": [],
        "attempt": 1,
        "max_attempts": 3,
        "playable": False,
        "playable_seconds": 0.0,
        "seconds_left": 130.0,
    }
    sentence = preparing_sentence(ProgressOut.model_validate(values))
    assert "is being prepared: 34 % done, about 2 minutes left." in sentence
    silent = preparing_sentence(ProgressOut.model_validate(values | {"seconds_left": None}))
    begun = preparing_sentence(
        ProgressOut.model_validate(values | {"seconds_left": None, "progress_percent": 0.2})
    )
    assert begun.startswith("This video is being prepared. It can be watched")
    assert "is being prepared: 34 % done. It can be watched" in silent
