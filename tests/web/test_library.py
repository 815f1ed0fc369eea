"""The admin's list as a page: every filter, order and page is an address."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from tests.web.sites import Site, both_apps
from vlog.catalog import analytics_sums, categories, tags, trash
from vlog.database.engine import Database
from vlog.database.schema import TranscodingJob, Transcription, WorkUnit
from vlog.storage.local import LocalStorage
from vlog.web import library_choices
from vlog.web.library_choices import LibraryWishes, address, query_of, wishes_of


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        yield made


async def _titles(site: Site, url: str = "/") -> list[str]:
    answer = await site.admin.get(url)
    assert answer.status_code == 200, answer.text
    return [unescape(title) for title in re.findall(r'<tr [^>]*data-title="([^"]*)"', answer.text)]


async def _library(site: Site, database: Database) -> None:
    """Four videos, the newest first: private, unlisted, failed, public."""
    category = await database.write(lambda s: categories.add(s, "Family", ""))
    shown = await site.add(
        "alpha", created_at=datetime(2026, 1, 1, tzinfo=UTC), duration=10.0, category_id=category.id
    )
    await site.add("beta", created_at=datetime(2026, 1, 2, tzinfo=UTC), status="failed")
    await site.add(
        "gamma", created_at=datetime(2026, 1, 3, tzinfo=UTC), visibility="unlisted", duration=30.0
    )
    await site.add(
        "delta", created_at=datetime(2026, 1, 4, tzinfo=UTC), visibility="private", duration=20.0
    )
    await database.write(lambda s: tags.set_of_video(s, shown.id, ["walks"]))
    await database.write(lambda s: analytics_sums.add_to_total(s, shown.id, views=2, viewers=1))
    await database.write(
        lambda s: s.execute(
            insert(Transcription).values(video_id=shown.id, language="en", origin="edited")
        )
    )


async def test_every_filter_and_order_is_an_address(site: Site, database: Database) -> None:
    await _library(site, database)
    for url, expected in {
        "/": ["delta", "gamma", "beta", "alpha"],
        "/?sort=oldest": ["alpha", "beta", "gamma", "delta"],
        "/?sort=title": ["alpha", "beta", "delta", "gamma"],
        "/?sort=shortest": ["alpha", "delta", "gamma", "beta"],
        "/?sort=most_viewed": ["alpha", "delta", "gamma", "beta"],
        "/?sort=least_viewed": ["beta", "gamma", "delta", "alpha"],
        "/?status=failed": ["beta"],
        "/?visibility=unlisted": ["gamma"],
        "/?visibility=public": ["beta", "alpha"],
        "/?visibility=scheduled": [],
        "/?category=family": ["alpha"],
        "/?tag=walks": ["alpha"],
        "/?captions=yes": ["alpha"],
        "/?captions=no": ["delta", "gamma", "beta"],
        "/?from=2026-01-03": ["delta", "gamma"],
        "/?to=2026-01-02": ["beta", "alpha"],
        "/?from=2026-01-02&to=2026-01-02": ["beta"],
        "/?search=gam": ["gamma"],
        "/?search=gam&visibility=private": [],
        "/?ids=1,3,99": ["gamma", "alpha"],
        # What was typed wrongly asks for nothing.
        "/?status=nonsense&visibility=private&from=yesterday": ["delta"],
        "/?to=9999-12-31": ["delta", "gamma", "beta", "alpha"],
        f"/?ids={2**63}&status=failed": ["beta"],
    }.items():
        assert await _titles(site, url) == expected, url


async def test_the_api_is_asked_for_the_same(site: Site, database: Database) -> None:
    await _library(site, database)
    for query, expected in {
        "visibility=unlisted": ["gamma"],
        "ids=1,2,99": ["beta", "alpha"],
        "sort=most_viewed&limit=2": ["alpha", "delta"],
        "added_from=2026-01-02T00:00:00Z&added_before=2026-01-04T00:00:00%2B00:00": [
            "gamma",
            "beta",
        ],
    }.items():
        found = (await site.admin.get(f"/api/videos?{query}")).json()["videos"]
        assert [video["slug"] for video in found] == expected, query
    for wrong in ("ids=x", "added_from=2026-01-02", "added_from=9999-12-31T23:59:59-10:00"):
        assert (await site.admin.get(f"/api/videos?{wrong}")).status_code == 422, wrong
    # How often something was watched is not for everybody to see.
    assert (await site.public.get("/api/videos?sort=most_viewed")).status_code == 422
    assert "Most viewed" not in (await site.public.get("/")).text


async def test_the_form_shows_what_is_asked_for(site: Site, database: Database) -> None:
    await _library(site, database)
    url = "/?search=a%22b&status=failed&visibility=private&captions=no&from=2026-01-02&sort=title"
    text = (await site.admin.get(url)).text
    form = text.partition("data-filters")[2].partition("</form>")[0]
    assert set(re.findall(r'<option value="(\w+)" selected', form)) == {
        *("failed", "private", "no", "title"),
    }
    assert 'value="a&#34;b"' in form
    assert 'value="2026-01-02"' in form
    assert 'aria-sort="ascending"' in text
    assert "No video matches" in text


async def test_pages_follow_each_other_by_plain_links(site: Site) -> None:
    for number in range(53):
        await site.add(f"film-{number:02d}", visibility="private")
    first = (await site.admin.get("/?visibility=private&sort=title")).text
    assert first.count("data-video-id=") == 50
    link = unescape(re.findall(r'href="([^"]+)" rel="next"', first)[0])
    assert link.startswith("/?")
    second = (await site.admin.get(link)).text
    assert re.findall(r'data-title="([^"]*)"', second) == ["film-50", "film-51", "film-52"]
    back = unescape(re.findall(r'href="([^"]+)" data-nav>First page', second)[0])
    assert back == "/?visibility=private&sort=title"
    before = unescape(re.findall(r'href="([^"]+)" rel="prev"', second)[0])
    assert await _titles(site, before) == await _titles(site, back)
    assert (await site.admin.get("/?cursor=nonsense")).status_code == 400


async def test_a_row_says_how_it_goes_in_plain_words(site: Site, database: Database) -> None:
    video = await site.add("film", status="processing", duration=3723.0, playable_at=None)

    async def work(session: object) -> None:
        assert hasattr(session, "add")
        session.add(TranscodingJob(id=1, video_id=video.id, state="running"))
        session.add(WorkUnit(job_id=1, kind="plan", wave=0, position=0, state="leased", attempt=2))

    await database.write(work)
    text = (await site.admin.get("/")).text
    row = text.partition("<tr role")[2].partition("<tr role")[2].partition("</tr>")[0]
    said = " ".join(re.sub(r"<[^>]+>", " ", row).split())
    assert "Processing 0% Looking at the file. Attempt 2 of 3." in said
    assert "1:02:03" in said
    assert "Delete film" in row
    # Nobody can watch it yet.
    assert "Watch film" not in row


async def test_what_is_in_the_trash_is_not_in_the_list(site: Site, database: Database) -> None:
    video = await site.add("film")
    await database.write(partial(trash.put, video_id=video.id))
    assert await _titles(site) == []
    assert "No videos yet" in (await site.admin.get("/")).text


def test_an_address_says_what_is_wished_and_nothing_usual() -> None:
    assert address(LibraryWishes()) == "/"
    wishes = wishes_of(
        {
            "search": " two words ",
            "status": "ready",
            "captions": "no",
            "from": "2026-01-02",
            "ids": "3,1",
            "sort": "title",
            "visibility": "wrong",
            "other": "x",
        }
    )
    query = "search=two+words&status=ready&captions=no&from=2026-01-02&ids=3%2C1&sort=title"
    assert address(wishes) == f"/?{query}"
    assert address(wishes_of({"sort": "oldest"}), cursor="x") == "/?sort=oldest&cursor=x"
    assert not wishes_of({"sort": "oldest"}).is_narrowed
    assert wishes_of({"tag": "a"}).is_narrowed


def test_a_heading_sorts_and_turns_around() -> None:
    newest = library_choices.headings(LibraryWishes())["Added"]
    assert (newest.order, newest.url) == ("descending", "/?sort=oldest")
    oldest = library_choices.headings(LibraryWishes(sort="oldest", tag="a"))
    assert (oldest["Added"].order, oldest["Added"].url) == ("ascending", "/?tag=a")
    assert (oldest["Title"].order, oldest["Title"].url) == ("", "/?tag=a&sort=title")
    assert oldest["Views"].url == "/?tag=a&sort=most_viewed"
    fewest = library_choices.headings(LibraryWishes(sort="least_viewed"))["Views"]
    assert (fewest.order, fewest.url) == ("ascending", "/?sort=most_viewed")


_WISHES = st.dictionaries(
    st.sampled_from([field.alias or name for name, field in LibraryWishes.model_fields.items()]),
    st.one_of(
        st.text(max_size=20),
        st.dates().map(str),
        st.sampled_from(("9999-12-31", "0001-01-01", "yes", "public", "oldest", "1,2", "9" * 30)),
        st.lists(st.integers(), max_size=60).map(lambda ids: ",".join(map(str, ids))),
    ),
)


@settings(max_examples=150)
@given(_WISHES)
def test_any_address_of_the_list_is_a_list(parameters: dict[str, str]) -> None:
    wishes = wishes_of(parameters)
    query = query_of(wishes, None)
    assert all(number < 2**63 for number in query.ids)
    again = dict(parse_qsl(urlsplit(address(wishes)).query))
    assert query_of(wishes_of(again), None).ids == query.ids
    assert wishes_of(again).first_day == wishes.first_day
