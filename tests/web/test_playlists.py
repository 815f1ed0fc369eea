"""Playlists over HTTP: the admin's changes, and what visitors see of them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from tests.web.sites import Site, both_apps
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        yield made


async def _playlist(site: Site, *slugs: str, **values: str) -> tuple[str, list[int]]:
    ids = [(await site.add(slug)).id for slug in slugs]
    body = {"title": "My course", "description": "<b>All</b> of it"} | values
    made = await site.admin.post("/api/playlists", json=body)
    assert made.status_code == 201, made.text
    path = f"/api/playlists/{made.json()['id']}"
    ordered = await site.admin.put(f"{path}/videos", json={"video_ids": ids})
    assert [video["slug"] for video in ordered.json()["videos"]] == list(slugs)
    return path, ids


async def test_the_admin_makes_orders_and_removes(site: Site) -> None:
    path, ids = await _playlist(site, "one", "two", "three")
    taken = await site.admin.delete(f"{path}/videos/{ids[0]}")
    assert [video["slug"] for video in taken.json()["videos"]] == ["two", "three"]
    added = await site.admin.post(f"{path}/videos", json={"video_id": ids[0]})
    assert added.status_code == 201
    assert (await site.admin.post(f"{path}/videos", json={"video_id": ids[0]})).status_code == 409
    assert (await site.admin.post(f"{path}/videos", json={"video_id": 77})).status_code == 404
    changed = await site.admin.put(path, json={"title": "Renamed"})
    assert (changed.json()["title"], changed.json()["slug"]) == ("Renamed", "my-course")
    for refused in ({"title": None}, {"title": " "}, {"visibility": "secret"}, {"slug": "x"}):
        assert (await site.admin.put(path, json=refused)).status_code == 422, refused
    public = (await site.public.get("/api/playlists/my-course")).json()
    assert [video["slug"] for video in public["videos"]] == ["two", "three", "one"]
    assert [p["slug"] for p in (await site.public.get("/api/playlists")).json()["playlists"]] == [
        "my-course"
    ]
    for page in ("/playlists", path.removeprefix("/api")):
        assert "Renamed" in (await site.admin.get(page)).text
    assert (await site.admin.delete(path)).status_code == 204
    assert (await site.admin.get(path)).status_code == 404
    assert (await site.public.get("/playlist/my-course")).status_code == 404
    assert (await site.public.get("/watch/one")).status_code == 200


async def test_watching_stays_in_the_playlist(site: Site) -> None:
    await _playlist(site, "one", "two", "three")
    page = (await site.public.get("/playlist/my-course")).text
    assert re.findall(r'href="(/watch/[^"]+)"', page)[0] == "/watch/one?list=my-course"
    assert "&lt;b&gt;All&lt;/b&gt; of it" in page
    for slug, after in (("one", "two"), ("two", "three"), ("three", None)):
        page = (await site.public.get(f"/watch/{slug}?list=my-course")).text
        assert "data-playlist" in page
        links = re.findall(r'<a [^>]*rel="next"[^>]*>', page)
        if after is None:
            assert links == []
        else:
            assert len(links) == 1
            assert f'href="/watch/{after}?list=my-course"' in links[0]
            assert f'data-next-url="/watch/{after}?list=my-course"' in page
        assert f"/watch/{slug}?list=my-course" in page.split("aria-current")[0]
        # What search engines keep is the video's one address.
        assert f'<link rel="canonical" href="http://127.0.0.1:9000/watch/{slug}">' in page


@pytest.mark.parametrize("name", ["nothing", "my-course", "", "../x", "é"])
async def test_a_playlist_that_does_not_fit_is_left_out(site: Site, name: str) -> None:
    await _playlist(site, "one")
    await site.add("other")
    page = await site.public.get("/watch/other", params={"list": name})
    assert page.status_code == 200
    assert "data-playlist" not in page.text


async def test_who_may_see_a_playlist(site: Site) -> None:
    path, _ = await _playlist(site, "one")
    for visibility, status, cache in (
        ("public", 200, "no-cache"),
        ("unlisted", 200, "private, no-store"),
        ("private", 404, "no-store"),
    ):
        await site.admin.put(path, json={"visibility": visibility})
        answer = await site.public.get("/playlist/my-course")
        assert (answer.status_code, answer.headers["cache-control"]) == (status, cache)
        api = await site.public.get("/api/playlists/my-course")
        assert api.status_code == status
        assert ("x-robots-tag" in api.headers) == (visibility == "unlisted")
        listed = (await site.public.get("/api/playlists")).json()["playlists"]
        assert bool(listed) == (visibility == "public")
        watch = (await site.public.get("/watch/one?list=my-course")).text
        assert ("data-playlist" in watch) == (visibility != "private")
