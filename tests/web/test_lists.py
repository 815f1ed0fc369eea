"""Pages that list videos: sorting, narrowing, going on, and what stands first."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

import pytest

from tests.web.sites import Site, both_apps
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage
from vlog.web.list_choices import ListWishes, address, choices, wishes_of


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        yield made


def _cards(page: str) -> list[str]:
    grid = page.partition("data-cards")[2].partition("data-pages")[0]
    return re.findall(r'class="card-link" href="/watch/([\w-]+)"', grid)


def _next(page: str) -> str | None:
    found = re.search(r'<a class="button" rel="next" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


@pytest.mark.parametrize(
    ("parameters", "wishes"),
    [
        ({}, ListWishes()),
        ({"sort": "longest", "captions": "1"}, ListWishes(sort="longest", captions=True)),
        ({"length": "long", "sort": ""}, ListWishes(length="long")),
        ({"sort": "best"}, ListWishes()),
        ({"length": "<script>"}, ListWishes()),
        ({"search": "x", "cursor": "y"}, ListWishes()),
    ],
)
def test_an_address_says_what_is_wished(parameters: dict[str, str], wishes: ListWishes) -> None:
    assert wishes_of(parameters) == wishes


def test_each_link_changes_one_thing() -> None:
    wishes = ListWishes(sort="title", captions=True)
    groups = {group.label: group.choices for group in choices("/tag/sea", wishes)}
    assert [choice.label for choice in groups["Sort by"] if choice.current] == ["Title"]
    assert groups["Sort by"][0].url == "/tag/sea?captions=1"
    assert groups["Length"][1].url == "/tag/sea?sort=title&length=short&captions=1"
    assert groups["Captions"][0].url == "/tag/sea?sort=title"
    assert [choice.current for choice in groups["Captions"]] == [False, True]
    assert address("/", ListWishes()) == "/"
    assert address("/", ListWishes(), cursor="a b") == "/?cursor=a+b"


async def test_a_list_is_walked_without_javascript(site: Site) -> None:
    for number in range(30):
        await site.add(f"film-{number:02}", title=f"Film {number:02}", duration=10.0 * number)
    page = (await site.public.get("/?sort=shortest")).text
    first = _cards(page)
    assert first == [f"film-{number:02}" for number in range(24)]
    assert '<meta name="robots" content="noindex">' in page
    assert '<link rel="canonical" href="http://127.0.0.1:9000/">' in page
    following = _next(page)
    assert following is not None
    assert following.startswith("/?sort=shortest&cursor=")
    page = (await site.public.get(following)).text
    assert _cards(page) == [f"film-{number:02}" for number in range(24, 30)]
    assert _next(page) is None
    assert 'href="/?sort=shortest"' in page
    page = (await site.public.get("/?length=medium&sort=title")).text
    assert _cards(page) == [f"film-{number:02}" for number in range(24, 30)]
    page = (await site.public.get("/?captions=1")).text
    assert "No video is like that" in page
    assert (await site.public.get("/?sort=best&length=x")).status_code == 200
    assert (await site.public.get("/?cursor=made-up")).status_code == 400
    found = (await site.public.get("/api/videos?sort=longest&limit=2&length=short")).json()
    assert [video["slug"] for video in found["videos"]] == ["film-23", "film-22"]
    asked = (await site.public.get("/api/videos?slugs=film-03,none,film-01")).json()
    assert [video["slug"] for video in asked["videos"]] == ["film-03", "film-01"]
    for wrong in ("sort=best", "length=x", "captions=maybe"):
        assert (await site.public.get(f"/api/videos?{wrong}")).status_code == 422


async def test_the_home_page_begins_with_what_is_featured(site: Site) -> None:
    video = await site.add("star", description="A <b>bold</b> film")
    await site.add("other")
    assert "Featured" not in (await site.public.get("/")).text
    answer = await site.admin.put(f"/api/videos/{video.id}", json={"featured": True})
    assert answer.json()["featured"] is True
    page = (await site.public.get("/")).text
    assert page.index("Featured") < page.index("data-cards")
    assert "A &lt;b&gt;bold&lt;/b&gt; film" in page
    assert "Featured" not in (await site.public.get("/?sort=title")).text
    await site.admin.put(f"/api/videos/{video.id}", json={"visibility": "unlisted"})
    page = (await site.public.get("/")).text
    assert "Featured" not in page
    assert "/watch/star" not in page
