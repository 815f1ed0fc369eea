"""A hot segment is answered from memory only to whom, and as long as, it would be without."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from tests.web.sites import Site, both_apps
from vlog import measures
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.storage.local import LocalStorage
from vlog.web import media, media_keys
from vlog.web.public import public_app

SEGMENT = "/videos/film/360p_0000.ts"


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        await made.add("film", media=True)
        _write(storage, b"first" * 100)
        yield made


@pytest.fixture
def routed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that went all the way to the route."""
    asked: list[str] = []
    access = media_keys.access_to_media

    async def noted(request: Any, *, public: bool) -> Any:
        asked.append(request.url.path)
        return await access(request, public=public)

    monkeypatch.setattr(media, "access_to_media", noted)
    return asked


def _write(storage: LocalStorage, content: bytes) -> Path:
    path = storage.media_file("film", "360p_0000.ts", 1)
    path.write_bytes(content)
    return path


async def _warm(site: Site) -> httpx.Response:
    """Asked for a second time it is in memory, and its answer is kept."""
    await site.public.get(SEGMENT)
    return await site.public.get(SEGMENT)


def _said(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


async def test_it_is_the_same_answer_without_the_route(site: Site, routed: list[str]) -> None:
    through_the_route = await _warm(site)
    routed.clear()
    answers = [await site.public.get(SEGMENT) for _ in range(3)]
    assert routed == []
    for answer in answers:
        assert answer.status_code == 200
        assert answer.content == b"first" * 100
        assert _said(answer) == _said(through_the_route)
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


async def test_it_is_counted_under_its_route(site: Site) -> None:
    await _warm(site)
    labels = {"site": "public", "route": "/videos/{slug}/{name}", "method": "GET", "status": "2xx"}
    name = "vlog_http_request_duration_seconds_count"
    before = measures.REGISTRY.get_sample_value(name, labels) or 0
    await site.public.get(SEGMENT)
    assert measures.REGISTRY.get_sample_value(name, labels) == before + 1


async def test_a_video_that_is_made_private_is_gone_at_once(site: Site) -> None:
    await _warm(site)
    assert (await site.public.get(SEGMENT)).status_code == 200
    hide = update(Video).values(visibility="private")
    await site.database.write(lambda session: session.execute(hide))
    assert (await site.public.get(SEGMENT)).status_code == 404


async def test_an_answer_from_before_a_write_is_not_kept_after_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.public.get(SEGMENT)
    look = media_keys.access_to_media
    hide = update(Video).values(visibility="private")

    async def hidden_meanwhile(request: Any, *, public: bool) -> Any:
        given = await look(request, public=public)
        await site.database.write(lambda session: session.execute(hide))
        return given

    with monkeypatch.context() as patch:
        patch.setattr(media, "access_to_media", hidden_meanwhile)
        assert (await site.public.get(SEGMENT)).status_code == 200
    assert (await site.public.get(SEGMENT)).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status", "size"),
    [
        ({"range": "bytes=0-9"}, 206, 10),
        ({"range": "bytes=9999-"}, 416, None),
        ({"if-none-match": "*"}, 304, 0),
        ({"host": "elsewhere.example"}, 421, None),
    ],
)
async def test_what_is_asked_otherwise_is_answered_otherwise(
    site: Site, headers: dict[str, str], status: int, size: int | None
) -> None:
    await _warm(site)
    assert (await site.public.get(SEGMENT)).status_code == 200
    answer = await site.public.get(SEGMENT, headers=headers)
    assert answer.status_code == status
    if size is not None:
        assert len(answer.content) == size
    head = await site.public.head(SEGMENT)
    assert (head.status_code, head.content) == (200, b"")


async def test_who_has_no_access_to_the_host_learns_nothing_first(
    site: Site, routed: list[str]
) -> None:
    for _ in range(3):
        answer = await site.public.get(SEGMENT, headers={"host": "elsewhere.example"})
        assert answer.status_code == 421
    assert routed == []


async def test_only_what_everybody_may_have_is_kept(site: Site, routed: list[str]) -> None:
    hide = update(Video).values(embed_domains=[])
    await site.database.write(lambda session: session.execute(hide))
    for _ in range(4):
        assert (await site.public.get(SEGMENT)).status_code == 403
    assert len(routed) == 4


async def test_a_file_that_memory_does_not_hold_any_more_comes_from_the_disk(
    site: Site, routed: list[str]
) -> None:
    await _warm(site)
    hot = site.services.hot_files
    path = _write(site.storage, b"second" * 100)
    os.utime(path, ns=(1, 1))
    hot._kept.clear()
    hot._seen.clear()
    hot.bytes_kept = 0
    routed.clear()
    answer = await site.public.get(SEGMENT)
    assert answer.content == b"second" * 100
    assert len(routed) == 1


async def test_the_limit_and_the_strict_headers_stay_around_it(site: Site) -> None:
    app: Any = public_app(site.services)
    layers = list[str]()
    while hasattr(app, "app"):
        layers.append(type(app).__name__)
        app = app.app
    hot = layers.index("HotAnswers")
    assert layers.index("VisitorLimit") < hot
    assert layers.index("SecurityHeaders") < hot
