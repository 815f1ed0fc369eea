"""Videos that not every site may show: who gets the player, its addresses, and the bytes."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.web.sites import Site, both_apps
from vlog.catalog import media_keys
from vlog.database.engine import Database
from vlog.settings import Settings
from vlog.storage.local import LocalStorage
from vlog.web.feed_formats import FORMATS

FRIEND = {"referer": "https://friend.example.org/", "sec-fetch-dest": "iframe"}
STRANGER = {"referer": "https://stranger.example.net/", "sec-fetch-dest": "iframe"}
GUARDED = ("master.m3u8", "360p.m3u8", "360p_0000.ts", "audio_init.mp4", "720p-av1_0000.m4s")
OPEN = ("thumbnail.jpg", "captions.vtt", "storyboard.vtt", "storyboard_0000.jpg")
# What pages of other sites say of themselves, with and without a safe connection.
ELSEWHERE = (
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "video"},
    {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    {"origin": "https://friend.example.org"},
    {"origin": "null"},
    {"referer": "https://stranger.example.net/page"},
    {"referer": "https://127.0.0.1:9000@stranger.example.net/"},
)
OURS: tuple[dict[str, str], ...] = (
    {},
    {"sec-fetch-site": "same-origin", "referer": "http://127.0.0.1:9000/embed/film"},
    {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
    {"referer": "http://127.0.0.1:9000/watch/film"},
    {"origin": "https://films.example.org"},
)


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    """A site with three videos: one for a friend's pages, one for none, one for all."""
    public = {"base_url": "https://films.example.org"}
    settings = Settings.model_validate({"public": public})
    async with both_apps(database, storage, settings) as made:
        await made.add("film", media=True, embed_domains=["friend.example.org"])
        await made.add("home", media=True, embed_domains=[], revision=2)
        await made.add("open", media=True)
        yield made


async def _stream(site: Site, page: str, **headers: str) -> str:
    answer = await site.public.get(page, headers=headers)
    assert answer.status_code == 200
    return str(re.findall(r'data-src="([^"]*)"', answer.text)[0])


async def test_pages_of_this_site_get_an_address_with_a_key(site: Site) -> None:
    address = await _stream(site, "/watch/film")
    for page in ("/watch/film", "/embed/film"):
        assert await _stream(site, page) == address
        assert re.fullmatch(r"/videos/film/key/\d+\.[\w-]{32}/master\.m3u8", address)
        assert (await site.public.get(address)).status_code == 200
    assert (await _stream(site, "/watch/home")).endswith("/r2/master.m3u8")
    assert await _stream(site, "/watch/open") == "/videos/open/master.m3u8"
    answer = await site.public.get("/api/videos/film")
    assert answer.json()["stream_url"] == address
    assert answer.headers["cache-control"] == "private, no-store"


async def test_nothing_that_others_read_names_the_address(site: Site) -> None:
    for path in ("/api/videos", "/sitemap.xml", *(f"/{one.file}" for one in FORMATS.values())):
        answer = await site.public.get(path)
        assert "open/master.m3u8" in answer.text, path
        assert not re.search(r"(film|home)/[^\"<]*master\.m3u8", answer.text), path
    page = (await site.public.get("/watch/film")).text
    assert page.count("master.m3u8") == page.count("/key/") == 2
    assert "og:video" not in page
    assert "twitter:player" not in page
    for headers in ELSEWHERE:
        answer = await site.public.get("/api/videos/film", headers=headers)
        assert answer.json()["stream_url"] is None, headers
        assert answer.json()["playable"] is True


async def test_picture_and_sound_need_the_key(site: Site) -> None:
    folder = (await _stream(site, "/watch/film")).removesuffix("master.m3u8")
    for name in GUARDED:
        plain = await site.public.get(f"/videos/film/{name}")
        assert (plain.status_code, plain.json()["code"]) == (403, "media_key_expired")
        wrong = await site.public.get(f"/videos/film/key/1.{'x' * 32}/{name}")
        assert wrong.status_code == 403
        for headers in OURS:
            given = await site.public.get(folder + name, headers=headers)
            assert given.status_code == 200, headers
            assert given.headers["cross-origin-resource-policy"] == "same-origin"
            assert "access-control-allow-origin" not in given.headers
        for headers in ELSEWHERE:
            refused = await site.public.get(folder + name, headers=headers)
            assert refused.json()["code"] == "not_shown_elsewhere", headers
    for name in OPEN:
        for prefix in ("/videos/film/", folder):
            assert (await site.public.get(prefix + name)).status_code == 200
    key = folder.split("/")[4]
    assert (await site.public.get(f"/videos/home/key/{key}/360p_0000.ts")).status_code == 403
    everybody = await site.public.get("/videos/open/360p_0000.ts", headers=ELSEWHERE[0])
    assert everybody.headers["access-control-allow-origin"] == "*"
    assert (await site.admin.get("/videos/film/360p_0000.ts")).status_code == 200


async def test_caches_keep_a_segment_no_longer_than_its_key(site: Site) -> None:
    folder = (await _stream(site, "/embed/film")).removesuffix("master.m3u8")
    cache = (await site.public.get(f"{folder}360p_0000.ts")).headers["cache-control"]
    found = re.fullmatch(r"public, max-age=(\d+), immutable", cache)
    assert found
    assert media_keys.PERIOD_SECONDS <= int(found[1]) <= 2 * media_keys.PERIOD_SECONDS
    assert (await site.public.get(f"{folder}360p.m3u8")).headers["cache-control"] == "no-cache"


async def test_who_may_put_the_player_into_a_frame(site: Site) -> None:
    def ancestors(answer: Any) -> str:
        policy = answer.headers["content-security-policy"]
        return str(re.findall(r"frame-ancestors (.*)", policy)[0])

    for headers in ({}, FRIEND, {"referer": STRANGER["referer"]}):
        answer = await site.public.get("/embed/film", headers=headers)
        assert "data-player" in answer.text
        assert ancestors(answer) == "friend.example.org"
    for slug in ("film", "home"):
        refused = await site.public.get(f"/embed/{slug}", headers=STRANGER)
        assert refused.status_code == 403
        assert "data-player" not in refused.text
        assert f'href="https://films.example.org/watch/{slug}"' in refused.text
        assert ancestors(refused) == "*"
        assert refused.headers["cache-control"] == "no-store"
    assert ancestors(await site.public.get("/embed/home")) == "'none'"
    assert ancestors(await site.public.get("/embed/open", headers=STRANGER)) == "*"


async def test_nobody_is_offered_what_no_other_site_may_show(site: Site) -> None:
    address = "https://films.example.org/watch"
    assert (await site.public.get("/oembed", params={"url": f"{address}/film"})).is_success
    answer = await site.public.get("/oembed", params={"url": f"{address}/home"})
    assert answer.status_code == 403
    page = (await site.public.get("/watch/home")).text
    assert "<iframe" not in page
    assert "&lt;iframe" not in page
    assert "oembed" not in page
    assert "embedUrl" not in page
    assert "&lt;iframe" in (await site.public.get("/watch/film")).text


async def test_the_admin_says_where(site: Site) -> None:
    listed = (await site.admin.get("/api/videos")).json()["videos"]
    video = next(item for item in listed if item["slug"] == "open")
    path = f"/api/videos/{video['id']}"
    assert video["embed_domains"] is None

    async def put(domains: object) -> Any:
        return await site.admin.put(path, json={"embed_domains": domains})

    assert (await put(["Blog.example.org/"])).json()["embed_domains"] == ["blog.example.org"]
    assert (await site.public.get("/videos/open/360p_0000.ts")).status_code == 403
    assert (await put([])).json()["embed_domains"] == []
    refused = await put(["a b"])
    assert refused.status_code == 422
    assert "blog.example.org" in refused.json()["detail"]
    assert (await put(None)).json()["embed_domains"] is None
    assert (await site.public.get("/videos/open/360p_0000.ts")).status_code == 200
    assert (await site.admin.put(path, json={"title": "x"})).json()["embed_domains"] is None


async def test_the_rule_of_the_site_counts_where_a_video_has_none(
    database: Database, storage: LocalStorage
) -> None:
    settings = Settings.model_validate({"public": {"embed_domains": ["blog.example.org"]}})
    async with both_apps(database, storage, settings) as made:
        await made.add("film", media=True)
        await made.add("secret", media=True, visibility="unlisted")
        assert (await made.public.get("/videos/film/360p_0000.ts")).status_code == 403
        page = await made.public.get("/embed/film")
        policy = page.headers["content-security-policy"]
        assert policy.endswith("frame-ancestors blog.example.org")
        found = re.findall(r"<script type=\"application/ld\+json\">(.*?)</script>", page.text)
        assert not [json.loads(text)["contentUrl"] for text in found]
        hidden = await _stream(made, "/watch/secret")
        answer = await made.public.get(hidden.replace("master.m3u8", "360p_0000.ts"))
        assert answer.headers["cache-control"] == "private, no-store"


async def test_a_cdn_carries_only_what_every_site_may_show(
    database: Database, storage: LocalStorage
) -> None:
    cdn = "https://cdn.example.org"
    settings = Settings.model_validate({"delivery": {"cdn_url": cdn}})
    async with both_apps(database, storage, settings) as made:
        await made.add("open", media=True)
        await made.add("film", media=True, embed_domains=["friend.example.org"])
        for slug in ("open", "film"):
            storage.write_media(slug, "360p.m3u8", b"#EXTM3U\n#EXTINF:6,\n360p_0000.ts\n")
        assert cdn in (await made.public.get("/videos/open/360p.m3u8")).text
        playlist = (await _stream(made, "/embed/film")).replace("master", "360p")
        answer = await made.public.get(playlist)
        assert "\n360p_0000.ts\n" in answer.text
