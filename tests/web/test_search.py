"""Searching as programs and browsers without scripts do it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from tests.catalog.library import add_video
from vlog.database.engine import Database
from vlog.settings import Settings
from vlog.web.api_public import PUBLIC_API
from vlog.web.api_search import SEARCH_API
from vlog.web.list_pages import list_page_routes
from vlog.web.operations import routes_for
from vlog.web.pages import public_page_routes
from vlog.web.problems import exception_handlers


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(
        routes=[
            *list_page_routes(),
            *public_page_routes(),
            *routes_for([*PUBLIC_API, *SEARCH_API]),
        ],
        exception_handlers=cast("Any", exception_handlers()),
    )
    panel = SimpleNamespace(logo=None)
    app.state.services = SimpleNamespace(
        database=database, settings=Settings(), panel_settings=panel
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


async def test_what_a_search_answers(client: httpx.AsyncClient, database: Database) -> None:
    await add_video(database, "Alpine lake", "We reach", "the Alpine\nlake", language="de")
    await add_video(database, "Hidden lake", "the lake", visibility="private")
    found = (await client.get("/api/search", params={"q": "lak"})).json()
    assert [video["title"] for video in found["videos"]] == ["Alpine lake"]
    assert found["moments"] == [
        {
            "video": {
                "slug": "video-0",
                "title": "Alpine lake",
                "status": "ready",
                "duration": None,
                "thumbnail_url": None,
                "captions_url": "/videos/video-0/captions.vtt",
                "watch_url": "/watch/video-0",
            },
            "start": 4.0,
            "end": 8.0,
            "language": "de",
            "snippet": [
                {"text": "the Alpine ", "marked": False},
                {"text": "lake", "marked": True},
            ],
            "watch_url": "/watch/video-0?t=4",
            "more_in_video": False,
        }
    ]
    assert found["videos_cursor"] is found["moments_cursor"] is None


async def test_pages_of_each_list_have_every_hit_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    for number in range(7):
        await add_video(database, f"Lake {number}", "a lake", "no water", "the lake")
    found = (await client.get("/api/search", params={"q": "lake", "limit": 3})).json()
    for kind in ("videos", "moments"):
        seen, page = list(found[kind]), found
        while cursor := page[f"{kind}_cursor"]:
            asked = {"q": "lake", "limit": "3", "kind": kind, "cursor": cursor}
            page = (await client.get("/api/search", params=asked)).json()
            seen += page[kind]
            assert page["moments" if kind == "videos" else "videos"] == []
        addresses = [one["watch_url"] for one in seen]
        assert len(addresses) == len(set(addresses)) == (7 if kind == "videos" else 14)


async def test_all_moments_of_one_video(client: httpx.AsyncClient, database: Database) -> None:
    await add_video(database, "Long", *["lake"] * 8)
    await add_video(database, "Other", "lake")
    mixed = (await client.get("/api/search", params={"q": "lake"})).json()["moments"]
    assert [(one["video"]["title"], one["more_in_video"]) for one in mixed] == [
        ("Other", False),
        *[("Long", True)] * 3,
    ]
    starts, cursor = [], ""
    while cursor is not None:
        asked = {"q": "lake", "video": "video-0", "limit": "5"}
        if cursor:
            asked["cursor"] = cursor
        page = (await client.get("/api/search", params=asked)).json()
        starts += [one["start"] for one in page["moments"]]
        cursor = page["moments_cursor"]
    assert starts == [4.0 * number for number in range(8)]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"q": "lake", "cursor": "W10"}, 400),
        ({"q": "lake", "cursor": "W10", "kind": "videos"}, 400),
        ({"q": "lake", "video": "nowhere"}, 404),
        ({"q": "lake", "kind": "people"}, 422),
        ({"q": "lake", "limit": "1000"}, 422),
    ],
)
async def test_what_makes_no_sense_is_said(
    client: httpx.AsyncClient, asked: dict[str, str], status: int
) -> None:
    answer = await client.get("/api/search", params=asked)
    assert answer.status_code == status
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    "raw", ["", "%00", "%ff%fe", '"', "a%22%22b", "*", "AND", "NEAR(", "%F0%9F%8E%89", "x" * 5000]
)
async def test_any_bytes_get_an_answer(
    client: httpx.AsyncClient, database: Database, raw: str
) -> None:
    await add_video(database, "Lake", "a lake")
    for path in ("/api/search", "/api/search/suggestions", "/search"):
        assert (await client.get(f"{path}?q={raw}")).status_code == 200


async def test_suggestions(client: httpx.AsyncClient, database: Database) -> None:
    for number in range(9):
        await add_video(database, f"Lake {number}", category="Lakes")
    await add_video(database, "Other", description="lake", category="Laboratories")
    await add_video(database, "Hidden", visibility="private", category="Lakes, secret")
    answer = await client.get("/api/search/suggestions", params={"q": "lak"})
    found = answer.json()["suggestions"]
    assert found[0] == {"kind": "category", "text": "Lakes", "url": "/category/lakes"}
    assert [one["kind"] for one in found[1:]] == ["video"] * 6
    assert all(one["text"].startswith("Lake ") for one in found[1:])
    assert found[1]["url"].startswith("/watch/video-")


class _Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "href" and value]


async def test_the_page_leads_to_everything(client: httpx.AsyncClient, database: Database) -> None:
    for number in range(15):
        await add_video(database, f"Lake {number}", *["<b>lake</b> & shore"] * 4)
    page = (await client.get("/search", params={"q": "lake"})).text
    assert "&lt;b&gt;<mark>lake</mark>&lt;/b&gt; &amp; shore" in page
    links = _Links(page).found
    assert {"/watch/video-14?t=0", "/watch/video-14?t=4", "/watch/video-14?t=8"} <= set(links)
    assert "/search?q=lake&video=video-14" in links
    seen = {link for link in links if link.startswith("/watch/")}
    for kind in ("videos", "moments"):
        more = [link for link in links if f"kind={kind}&cursor=" in link]
        while more:
            (address,) = more
            further = _Links((await client.get(address)).text).found
            seen |= {link for link in further if link.startswith("/watch/")}
            more = [link for link in further if "cursor=" in link]
    assert {f"/watch/video-{number}" for number in range(15)} <= seen
    assert {f"/watch/video-{number}?t=8" for number in range(15)} <= seen


async def test_the_page_says_when_there_is_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add_video(database, "Lake", "a lake")
    assert "What are you looking for?" in (await client.get("/search")).text
    assert "Nothing matches these words" in (await client.get("/search?q=zebra")).text
    assert "Nothing matches these words" in (await client.get("/search?q=%3F%21")).text
    within = (await client.get("/search?q=zebra&video=video-0")).text
    assert "Nothing is said here with these words" in within
    assert (await client.get("/search?q=lake&video=nowhere")).status_code == 404


async def test_the_old_address_leads_to_the_page(client: httpx.AsyncClient) -> None:
    moved = await client.get("/", params={"search": "a lake & more"})
    assert moved.status_code == 301
    assert moved.headers["location"] == "/search?q=a+lake+%26+more"
    assert (await client.get("/?search=")).status_code == 200
