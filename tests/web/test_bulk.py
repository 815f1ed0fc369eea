"""One thing done to several videos: each by itself, with a word on each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.catalog.rows import add_videos
from tests.web import asgi
from vlog.catalog import categories, tags
from vlog.database.engine import Database
from vlog.database.schema import TranscodingJob, Video
from vlog.web.admin import admin_app
from vlog.web.services import Services


@pytest.fixture
def made(tmp_path: Path, database: Database) -> Services:
    return asgi.services(tmp_path / "storage", database)


@pytest.fixture
async def admin(made: Services) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(admin_app(made, None))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9001") as client:
        yield client


async def _bulk(admin: httpx.AsyncClient, action: str, ids: list[int], **more: Any) -> Any:
    answer = await admin.post("/api/videos/bulk", json={"action": action, "ids": ids, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_category_tags_and_visibility_of_several(
    admin: httpx.AsyncClient, database: Database
) -> None:
    category = await database.write(lambda s: categories.add(s, "Family", ""))
    ids = await add_videos(database, ["A", "B", "C"])
    await database.write(lambda s: tags.set_of_video(s, ids[0], ["old", "kept"]))
    changes = {
        "category_id": category.id,
        "visibility": "unlisted",
        "add_tags": ["New", "kept"],
        "remove_tags": ["OLD"],
    }
    answer = await _bulk(admin, "edit", [*ids[:2], 99, ids[0]], changes=changes)
    assert (answer["done"], answer["failed"]) == (2, 1)
    assert [(item["id"], item["ok"]) for item in answer["results"]] == [
        (ids[0], True),
        (ids[1], True),
        (99, False),
    ]
    assert "no such video" in answer["results"][2]["error"]
    found = {video["id"]: video for video in (await admin.get("/api/videos")).json()["videos"]}
    assert [tag["name"] for tag in found[ids[0]]["tags"]] == ["kept", "New"]
    assert [tag["name"] for tag in found[ids[1]]["tags"]] == ["kept", "New"]
    assert {found[one]["category_name"] for one in ids[:2]} == {"Family"}
    assert [found[one]["visibility"] for one in ids] == ["unlisted", "unlisted", "public"]
    answer = await _bulk(admin, "edit", ids, changes={"category_id": None})
    assert answer["done"] == 3
    found = {video["id"]: video for video in (await admin.get("/api/videos")).json()["videos"]}
    assert {video["category_name"] for video in found.values()} == {None}
    # What was not named has stayed.
    assert [found[one]["visibility"] for one in ids] == ["unlisted", "unlisted", "public"]


async def test_one_that_cannot_be_changed_keeps_none_back(
    admin: httpx.AsyncClient, database: Database
) -> None:
    full, free = await add_videos(database, ["Full", "Free"])
    await database.write(lambda s: tags.set_of_video(s, full, [f"t{n}" for n in range(30)]))
    answer = await _bulk(admin, "edit", [full, free], changes={"add_tags": ["one more"]})
    assert [item["ok"] for item in answer["results"]] == [False, True]
    assert "30 tags at most" in answer["results"][0]["error"]


async def test_into_the_trash_back_and_for_ever(
    admin: httpx.AsyncClient, made: Services, database: Database
) -> None:
    ids = await add_videos(database, ["A", "B", "C"])
    assert (await _bulk(admin, "trash", ids[:2]))["done"] == 2
    assert (await admin.get("/api/videos")).json()["total"] == 1
    again = await _bulk(admin, "trash", ids[:1])
    assert (again["done"], again["failed"]) == (0, 1)
    assert (await _bulk(admin, "restore", ids[:1]))["done"] == 1
    assert (await _bulk(admin, "restore", [ids[2]]))["failed"] == 1
    assert (await _bulk(admin, "delete", ids[:2]))["done"] == 2
    assert (await admin.get("/api/trash")).json()["total"] == 0
    await made.remover.recover()
    async with database.read() as session:
        assert list(await session.scalars(select(Video.id))) == [ids[2]]


async def test_failed_ones_are_tried_again_and_ready_ones_encoded_anew(
    admin: httpx.AsyncClient, database: Database
) -> None:
    (failed,) = await add_videos(database, ["Failed"], status="failed", source_present=True)
    (ready,) = await add_videos(database, ["Ready"])

    async def fail(session: Any) -> None:
        session.add(TranscodingJob(video_id=failed, state="failed"))
        session.add(TranscodingJob(video_id=ready, state="done"))

    await database.write(fail)
    answer = await _bulk(admin, "retry", [failed, ready])
    assert [item["ok"] for item in answer["results"]] == [True, False]
    assert "has not failed" in answer["results"][1]["error"]
    answer = await _bulk(admin, "retranscode", [failed, ready])
    assert [item["ok"] for item in answer["results"]] == [False, True]
    async with database.read() as session:
        states = select(TranscodingJob.video_id, TranscodingJob.revision, TranscodingJob.state)
        rows = {tuple(row) for row in await session.execute(states)}
    assert rows == {(failed, 1, "queued"), (ready, 1, "done"), (ready, 2, "queued")}


@pytest.mark.parametrize(
    "body",
    [
        {"action": "edit", "ids": [1]},
        {"action": "trash", "ids": [1], "changes": {"visibility": "private"}},
        {"action": "trash", "ids": []},
        {"action": "trash", "ids": list(range(501))},
        {"action": "explode", "ids": [1]},
        {"action": "trash", "ids": [2**63]},
        {"action": "edit", "ids": [1], "changes": {"category_id": 2**63}},
        {"action": "edit", "ids": [1], "changes": {"title": "All the same"}},
        {"action": "edit", "ids": [1], "changes": {"visibility": "scheduled"}},
    ],
)
async def test_what_makes_no_sense_is_refused(admin: httpx.AsyncClient, body: Any) -> None:
    answer = await admin.post("/api/videos/bulk", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]
