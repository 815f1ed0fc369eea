"""Feeds and the sitemap: read by parsers, with titles that try to break out."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.sites import Site, both_apps
from vlog.catalog import categories
from vlog.database.engine import Database
from vlog.database.types import now
from vlog.settings import PublicSettings, Settings
from vlog.storage.local import LocalStorage
from vlog.web import sitemap
from vlog.web.feed_formats import ATOM, FORMATS, ITUNES, MEDIA, PODCAST, Entry, Feed, clean

BASE = "https://video.example.org"
HOSTILE = "]]><script>&amp;\"'<!-- \x00\x1b\ufffe 🎬"
SEEN = "]]><script>&amp;\"'<!--  🎬"
MOMENT = datetime(2026, 3, 29, 1, 30, 0, tzinfo=UTC)
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
VIDEO = "http://www.google.com/schemas/sitemap-video/1.1"


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    settings = Settings(public=PublicSettings(base_url=f"{BASE}/"))
    async with both_apps(database, storage, settings) as made:
        yield made


async def _films(site: Site) -> None:
    category = await site.database.write(lambda s: categories.add(s, "R & <b>", HOSTILE))
    film = await site.add(
        "film",
        title=HOSTILE,
        description=f"{HOSTILE}\nsee https://example.org/?a=1&b=2",
        published_at=MOMENT,
        category_id=category.id,
        duration=3723.6,
    )
    await site.add("older", published_at=MOMENT - timedelta(days=1), has_thumbnail=False)
    await site.add("linked", visibility="unlisted")
    await site.add("later", published_at=now() + timedelta(days=1))
    tagged = {"tags": ["a & b"]}
    assert (await site.admin.put(f"/api/videos/{film.id}", json=tagged)).status_code == 200
    made = await site.admin.post("/api/playlists", json={"title": "My list"})
    path = f"/api/playlists/{made.json()['id']}/videos"
    await site.admin.put(path, json={"video_ids": [film.id]})


async def _xml(site: Site, path: str) -> ElementTree.Element:
    answer = await site.public.get(path)
    assert answer.status_code == 200, path
    assert "xml" in answer.headers["content-type"]
    return ElementTree.fromstring(answer.content)


def _text(element: ElementTree.Element, path: str) -> str:
    found = element.findtext(path)
    assert found is not None, path
    return found


async def test_rss(site: Site) -> None:
    await _films(site)
    channel = (await _xml(site, "/feed.rss")).find("channel")
    assert channel is not None
    assert _text(channel, "link") == f"{BASE}/"
    itself = channel.find(f"{{{ATOM}}}link")
    assert itself is not None
    assert (itself.get("rel"), itself.get("href")) == ("self", f"{BASE}/feed.rss")
    items = channel.findall("item")
    assert [_text(item, "link") for item in items] == [f"{BASE}/watch/film", f"{BASE}/watch/older"]
    film = items[0]
    assert _text(film, "title") == SEEN
    assert _text(film, "guid") == f"{BASE}/watch/film"
    assert _text(film, "pubDate") == "Sun, 29 Mar 2026 01:30:00 GMT"
    assert [item.text for item in film.findall("category")] == ["R & <b>", "a & b"]
    # What a reader shows as HTML is HTML of ours alone.
    shown = _text(film, "description")
    assert "<script" not in shown
    assert html.unescape(shown.partition("<br>")[0]) == SEEN
    assert 'href="https://example.org/?a=1&amp;b=2"' in shown
    content = film.find(f"{{{MEDIA}}}content")
    assert content is not None
    assert content.get("url") == f"{BASE}/videos/film/master.m3u8"
    assert content.get("duration") == "3724"
    # There is no single file that an enclosure could name.
    assert film.find("enclosure") is None


async def test_podcast(site: Site) -> None:
    await _films(site)
    channel = (await _xml(site, "/podcast.rss")).find("channel")
    assert channel is not None
    assert _text(channel, f"{{{ITUNES}}}author") == "VLog"
    assert _text(channel, f"{{{ITUNES}}}explicit") == "false"
    film = channel.findall("item")[0]
    assert _text(film, f"{{{ITUNES}}}duration") == "3724"
    other = film.find(f"{{{PODCAST}}}alternateEnclosure")
    assert other is not None
    assert other.get("type") == "application/x-mpegURL"
    source = other.find(f"{{{PODCAST}}}source")
    assert source is not None
    assert source.get("uri") == f"{BASE}/videos/film/master.m3u8"


async def test_atom(site: Site) -> None:
    await _films(site)
    feed = await _xml(site, "/feed.atom")
    names = {"a": ATOM}
    assert _text(feed, f"{{{ATOM}}}updated") == "2026-03-29T01:30:00+00:00"
    links = {link.get("rel"): link.get("href") for link in feed.findall("a:link", names)}
    assert links == {"alternate": f"{BASE}/", "self": f"{BASE}/feed.atom"}
    entry = feed.findall("a:entry", names)[0]
    assert _text(entry, f"{{{ATOM}}}title") == SEEN
    assert _text(entry, f"{{{ATOM}}}published") == "2026-03-29T01:30:00+00:00"
    assert "<script" not in _text(entry, f"{{{ATOM}}}content")


async def test_json_feed(site: Site) -> None:
    await _films(site)
    answer = await site.public.get("/feed.json")
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    feed: dict[str, Any] = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{BASE}/feed.json"
    film = feed["items"][0]
    assert film["title"] == HOSTILE
    assert film["date_published"] == "2026-03-29T01:30:00+00:00"
    assert film["attachments"] == [
        {
            "url": f"{BASE}/videos/film/master.m3u8",
            "mime_type": "application/x-mpegURL",
            "duration_in_seconds": 3724,
        }
    ]
    assert "image" not in feed["items"][1]


@pytest.mark.parametrize("prefix", ["", "/category/r-b", "/tag/a-b", "/playlist/my-list"])
async def test_every_list_has_every_feed_and_says_so(site: Site, prefix: str) -> None:
    await _films(site)
    page = (await site.public.get(prefix or "/")).text
    found = re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', page)
    expected = [(form.media_type, f"{prefix}/{form.file}") for form in FORMATS.values()]
    assert found == expected
    for kind, url in found:
        answer = await site.public.get(url)
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.text.count(f"{BASE}/watch/film") >= 1
        assert "/watch/linked" not in answer.text
        assert "/watch/later" not in answer.text
        assert f"{BASE}{url}" in answer.text


async def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    await _films(site)
    first = await site.public.get("/feed.rss")
    assert first.headers["cache-control"] == "no-cache"
    for headers in (
        {"if-none-match": first.headers["etag"]},
        {"if-modified-since": first.headers["last-modified"]},
    ):
        again = await site.public.get("/feed.rss", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["last-modified"] == first.headers["last-modified"]
    assert abs(parsedate_to_datetime(first.headers["last-modified"]) - now()) < timedelta(minutes=1)
    video = (await site.public.get("/api/videos/film")).json()
    await site.admin.put(f"/api/videos/{video['id']}", json={"title": "New"})
    changed = await site.public.get("/feed.rss", headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.file)
async def test_empty_feeds_and_those_of_nothing(site: Site, form: Any) -> None:
    assert (await site.public.get(f"/{form.file}")).status_code == 200
    for prefix in ("/category/x", "/tag/x", "/playlist/x"):
        assert (await site.public.get(f"{prefix}/{form.file}")).status_code == 404
    made = await site.admin.post("/api/playlists", json={"title": "A", "visibility": "unlisted"})
    answer = await site.public.get(f"/playlist/a/{form.file}")
    assert answer.headers["cache-control"] == "private, no-store"
    await site.admin.put(f"/api/playlists/{made.json()['id']}", json={"visibility": "private"})
    assert (await site.public.get(f"/playlist/a/{form.file}")).status_code == 404


async def test_the_sitemap_names_what_is_public(site: Site) -> None:
    await _films(site)
    root = await _xml(site, "/sitemap.xml")
    locations = [element.text for element in root.iter(f"{{{SITEMAP}}}loc")]
    assert locations == [
        f"{BASE}{path}"
        for path in (
            "/",
            "/category/r-b",
            "/playlist/my-list",
            "/tag/a-b",
            "/watch/film",
            "/watch/older",
        )
    ]
    (video,) = root.iter(f"{{{VIDEO}}}video")
    assert _text(video, f"{{{VIDEO}}}title") == SEEN
    assert _text(video, f"{{{VIDEO}}}duration") == "3724"
    assert _text(video, f"{{{VIDEO}}}thumbnail_loc") == f"{BASE}/videos/film/thumbnail.jpg"
    assert _text(video, f"{{{VIDEO}}}content_loc") == f"{BASE}/videos/film/master.m3u8"
    assert _text(video, f"{{{VIDEO}}}publication_date") == "2026-03-29T01:30:00+00:00"
    robots = (await site.public.get("/robots.txt")).text
    assert f"Sitemap: {BASE}/sitemap.xml\n" in robots
    assert (await site.public.get("/sitemap-1.xml")).status_code == 200
    for number in ("0", "2", "99999999999999999999"):
        assert (await site.public.get(f"/sitemap-{number}.xml")).status_code == 404


async def test_a_large_sitemap_is_an_index(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        await site.add(f"film-{number}", visibility="unlisted" if number == 3 else "public")
    monkeypatch.setattr(sitemap, "VIDEOS_PER_FILE", 4)
    monkeypatch.setattr(sitemap, "_AT_ONCE", 3)
    index = await _xml(site, "/sitemap.xml")
    assert index.tag == f"{{{SITEMAP}}}sitemapindex"
    files = [element.text or "" for element in index.iter(f"{{{SITEMAP}}}loc")]
    assert files == [f"{BASE}/sitemap-1.xml", f"{BASE}/sitemap-2.xml"]
    found = []
    for file in files:
        root = await _xml(site, file.removeprefix(BASE))
        found.append([element.text for element in root.iter(f"{{{SITEMAP}}}loc")])
    watch = f"{BASE}/watch/film-"
    assert found == [
        [f"{BASE}/", *(f"{watch}{number}" for number in (0, 1, 2, 4))],
        [f"{watch}5", f"{watch}6"],
    ]


def _structured(page: httpx.Response) -> dict[str, Any]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    assert len(found) == 1
    described: dict[str, Any] = json.loads(found[0])
    return described


async def test_the_watch_page_says_to_machines_what_it_shows(site: Site) -> None:
    await _films(site)
    page = await site.public.get("/watch/film")
    described = _structured(page)
    assert described["@type"] == "VideoObject"
    assert described["name"] == HOSTILE
    assert described["uploadDate"] == "2026-03-29T01:30:00+00:00"
    assert described["duration"] == "PT1H2M4S"
    assert described["contentUrl"] == f"{BASE}/videos/film/master.m3u8"
    assert described["keywords"] == ["a & b"]
    metas = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page.text))
    assert metas["twitter:card"] == "player"
    assert metas["twitter:player"] == f"{BASE}/embed/film"
    assert metas["og:image"] == f"{BASE}/videos/film/thumbnail.jpg"
    assert html.unescape(metas["og:title"]) == HOSTILE
    linked = await site.public.get("/watch/linked")
    assert "ld+json" not in linked.text
    assert '<meta name="robots" content="noindex">' in linked.text
    assert 'property="og:title"' in linked.text


async def test_a_private_page_tells_previews_nothing(site: Site) -> None:
    video = await site.add("secret", visibility="private")
    link = await site.admin.post(f"/api/videos/{video.id}/share-links", json={})
    page = await site.public.get(link.json()["watch_url"])
    assert page.status_code == 200
    # Who reaches the site by https gets the key back by https alone.
    assert all("Secure" in cookie for cookie in page.headers.get_list("set-cookie"))
    assert "og:" not in page.text
    assert "twitter:" not in page.text
    assert "ld+json" not in page.text


_TEXTS = st.one_of(
    st.text(max_size=30), st.sampled_from((HOSTILE, 'https://a.org/?b="><x>', "\x0b\x85\u2028"))
)


@settings(max_examples=60)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_any_text_makes_a_feed_that_can_be_read(title: str, text: str, category: str) -> None:
    entry = Entry(f"{BASE}/watch/a", title, text, MOMENT, [category])
    feed = Feed(title, text, category, f"{BASE}/", f"{BASE}/feed", MOMENT, [entry])
    for kind in FORMATS.values():
        written = kind.write(feed)
        if "json" in kind.media_type:
            item = json.loads(written)["items"][0]
            assert (item["title"], item["content_text"]) == (title, text or title)
            continue
        read = ElementTree.fromstring(written)
        titles = [one.text or "" for one in read.iter() if one.tag.rpartition("}")[2] == "title"]
        # Readers of XML take every end of a line for a line feed.
        assert clean(title).replace("\r\n", "\n").replace("\r", "\n") in titles
