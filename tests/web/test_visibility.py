"""Who gets what of a video: every kind of address is asked, logged out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route

from tests.web.sites import MEDIA, Site, both_apps
from vlog.catalog import categories, playlists, tags
from vlog.database.engine import Database
from vlog.database.schema import PlaylistItem
from vlog.database.types import now
from vlog.storage.local import LocalStorage
from vlog.web.feed_formats import FORMATS

# By name of a parameter, what stands in an address of a video for it.
WALKED: dict[str, tuple[str, ...]] = {"name": MEDIA, "generation": ("2",), "key": ("1.x",)}
# An address belongs to a video when it begins like this.
OF_A_VIDEO = ("/watch/", "/videos/", "/api/videos/", "/embed/")
LISTS = (
    "/",
    "/category/all",
    "/tag/all",
    "/playlist/all",
    "/watch/public?list=all",
    "/api/playlists/all",
    "/sitemap.xml",
    *(
        f"{prefix}/{file}"
        for prefix in ("", "/category/all", "/tag/all", "/playlist/all")
        for file in FORMATS
    ),
    "/api/videos?limit=100",
    "/api/videos?tag=all",
    "/api/categories/all",
)

HIDDEN = {"visibility": "private"}
STATES: dict[str, dict[str, Any]] = {
    "public": {},
    "unlisted": {"visibility": "unlisted", "published_at": None},
    "private": HIDDEN,
    "scheduled": {"published_at": now() + timedelta(hours=1)},
    "unpublished": HIDDEN,
    "growing": {"status": "processing"},
    "unplayable": {"status": "processing", "published_at": None, "playable_at": None},
    "scheduled-unplayable": {"published_at": now() - timedelta(hours=1), "playable_at": None},
    "removed": {"status": "deleting"},
    "trashed": {"status": "trashed", "trashed_status": "ready", "trashed_at": now()},
    "arriving": {"status": "receiving"},
}
LISTED = ("public", "growing")
BY_ADDRESS = (*LISTED, "unlisted")


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    async with both_apps(database, storage) as made:
        category = await database.write(lambda s: categories.add(s, "All", ""))
        ids: list[int] = []
        for slug, values in STATES.items():
            video = await made.add(slug, media=True, category_id=category.id, **values)
            await database.write(partial(tags.set_of_video, video_id=video.id, names=["all", slug]))
            ids.append(video.id)
        playlist = await database.write(lambda s: playlists.add(s, "All", "", "public"))
        rows = [
            PlaylistItem(playlist_id=playlist.id, video_id=video_id, position=position)
            for position, video_id in enumerate(ids)
        ]
        await database.write(partial(_add_all, rows=rows))
        yield made


async def _add_all(session: AsyncSession, rows: list[PlaylistItem]) -> None:
    session.add_all(rows)


def _addresses(site: Site, slug: str) -> list[str]:
    """Every address that the public app has for one video."""
    found = []
    for route in site.public_routes.routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()):
            continue
        if not route.path.startswith(OF_A_VIDEO):
            continue
        paths = [route.path.replace("{slug}", slug)]
        for name in re.findall(r"{(\w+)", route.path.replace("{slug}", "")):
            assert name in WALKED, f"say what stands for {name} in {route.path}"
            pattern = re.compile(rf"{{{name}(:\w+)?}}")
            paths = [pattern.sub(value, path) for path in paths for value in WALKED[name]]
        found += paths
    assert len(found) >= 2 * len(MEDIA) + 3
    return found


@pytest.mark.parametrize("slug", STATES)
async def test_every_address_of_a_video(site: Site, slug: str) -> None:
    for path in _addresses(site, slug):
        answer = await site.public.get(path)
        gone = slug in ("removed", "trashed") and path.startswith(("/watch/", "/embed/"))
        assert answer.status_code == (200 if slug in BY_ADDRESS else 410 if gone else 404), path
        cache = answer.headers.get("cache-control", "")
        if slug == "unlisted":
            assert cache == "private, no-store", path
            assert answer.headers["x-robots-tag"] == "noindex", path
        elif slug in BY_ADDRESS:
            assert "no-store" not in cache, path
            assert "x-robots-tag" not in answer.headers, path
        else:
            assert cache == "no-store", path


async def test_no_list_names_what_is_not_for_everybody(site: Site) -> None:
    for path in LISTS:
        text = (await site.public.get(path)).text
        named = {slug for slug in STATES if re.search(rf"/watch/{slug}\b(?!-)", text)}
        assert named == set(LISTED), path
    page = (await site.public.get("/watch/public")).text
    named = {slug for slug in STATES if re.search(rf"/watch/{slug}\b(?!-)", page)}
    assert named == set(LISTED)
    tagged = (await site.public.get("/api/tags")).json()["tags"]
    expected = {"all": len(LISTED)} | dict.fromkeys(LISTED, 1)
    assert {item["name"]: item["video_count"] for item in tagged} == expected
    for slug in STATES:
        answer = await site.public.get(f"/tag/{slug}")
        assert answer.status_code == (200 if slug in LISTED else 404)
    counts = (await site.public.get("/api/categories")).json()["categories"]
    assert [item["video_count"] for item in counts] == [len(LISTED)]


async def test_a_scheduled_video_becomes_public_by_itself(site: Site) -> None:
    video_id = (await site.add("soon", published_at=now() + timedelta(seconds=0.4))).id
    assert (await site.admin.get(f"/api/videos/{video_id}")).json()["visibility"] == "scheduled"
    assert (await site.public.get("/api/videos/soon")).status_code == 404
    while (await site.public.get("/api/videos/soon")).status_code == 404:
        pass
    assert (await site.admin.get(f"/api/videos/{video_id}")).json()["visibility"] == "public"
    assert "/watch/soon" in (await site.public.get("/")).text


async def _id_of(site: Site, slug: str) -> int:
    found = (await site.admin.get("/api/videos?limit=100")).json()["videos"]
    return next(int(video["id"]) for video in found if video["slug"] == slug)


async def _share(site: Site, slug: str, **wishes: str) -> dict[str, Any]:
    path = f"/api/videos/{await _id_of(site, slug)}/share-links"
    answer = await site.admin.post(path, json=wishes)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize("slug", ["private", "scheduled"])
async def test_a_share_link_opens_every_byte_of_one_video(site: Site, slug: str) -> None:
    link = await _share(site, slug, note="For Ada")
    page = await site.public.get(link["watch_url"])
    assert page.status_code == 200
    assert f"/videos/{slug}/master.m3u8" in page.text
    cookies = page.headers.get_list("set-cookie")
    assert len(cookies) == 3
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert f"/{slug};" in cookie
        assert 0 < int(re.findall(r"Max-Age=(\d+)", cookie)[0]) <= 12 * 3600
    # The client sends the cookies on, as browsers do, each to its own path.
    for path in _addresses(site, slug):
        answer = await site.public.get(path)
        if path.startswith("/embed/"):
            # Frames on other sites get no cookies: what is private is not embedded.
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "private, no-store", path
        assert answer.headers["x-robots-tag"] == "noindex", path
    for path in _addresses(site, "unpublished"):
        assert (await site.public.get(path)).status_code == 404, path
    for path in LISTS:
        assert f"/watch/{slug}" not in (await site.public.get(path)).text
    revoked = await site.admin.delete(
        f"/api/videos/{await _id_of(site, slug)}/share-links/{link['id']}"
    )
    assert revoked.status_code == 204
    for path in (link["watch_url"], *_addresses(site, slug)):
        assert (await site.public.get(path)).status_code == 404, path


async def test_a_key_is_good_for_its_own_video_and_time(site: Site) -> None:
    link = await _share(site, "private")
    key = urlsplit(link["watch_url"]).query.removeprefix("key=")
    number, expires, signature = key.split(".")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    wrong = [
        f"{number}.{int(expires) + 1}.{signature}",
        f"{int(number) + 1}.{expires}.{signature}",
        f"{number}.{expires}.{flipped}",
        f"{number}.{expires}.",
        f"{number}.{expires}",
        f"{number}.{expires}.{signature}x",
        "0" * 400,
        "é",
        "",
    ]
    for made_up in wrong:
        params = {"key": made_up}
        answer = await site.public.get("/api/videos/private", params=params)
        assert answer.status_code == 404, made_up
    assert (await site.public.get("/api/videos/unpublished", params={"key": key})).is_error
    assert (await site.public.get("/api/videos/removed", params={"key": key})).is_error
    assert (await site.public.get("/api/videos/private", params={"key": key})).is_success
    soon = (now() + timedelta(seconds=1.2)).isoformat()
    brief = (await _share(site, "private", expires_at=soon))["watch_url"]
    assert (await site.public.get(brief)).is_success
    while (await site.public.get(brief)).is_success:
        site.public.cookies.clear()
    listed = await site.admin.get(f"/api/videos/{await _id_of(site, 'private')}/share-links")
    assert [item["expired"] for item in listed.json()["share_links"]] == [True, False]


async def test_no_link_is_made_for_what_is_not_there_or_for_ever(site: Site) -> None:
    assert (await site.admin.post("/api/videos/999/share-links", json={})).status_code == 404
    assert (await site.admin.get("/api/videos/999/share-links")).status_code == 404
    path = f"/api/videos/{await _id_of(site, 'private')}/share-links"
    for moment in (now() - timedelta(seconds=1), now() + timedelta(days=400)):
        answer = await site.admin.post(path, json={"expires_at": moment.isoformat()})
        assert answer.status_code == 422
    assert (await site.admin.post(path, json={"expires_at": "2099-01-01T00:00"})).status_code == 422
    assert (await site.admin.delete(f"{path}/77")).status_code == 404


async def test_the_admin_chooses_who_watches(site: Site) -> None:
    path = f"/api/videos/{await _id_of(site, 'private')}"

    async def put(**changes: object) -> tuple[object, ...]:
        answer = await site.admin.put(path, json=changes)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return body["visibility"], body["published"], body["published_at"] is not None

    assert await put(visibility="unlisted") == ("unlisted", True, True)
    assert await put(published=True) == ("unlisted", True, True)
    assert await put(published=False) == ("private", False, False)
    assert await put(title="Other") == ("private", False, False)
    later = (now() + timedelta(days=1)).isoformat()
    assert await put(visibility="scheduled", published_at=later) == ("scheduled", False, True)
    assert await put(published=False) == ("scheduled", False, True)
    assert (await site.public.get("/api/videos/private")).status_code == 404
    assert await put(published=True) == ("public", True, True)
    assert (await site.public.get("/api/videos/private")).status_code == 200
    for refused in (
        {"visibility": "scheduled"},
        {"visibility": "scheduled", "published_at": (now() - timedelta(days=1)).isoformat()},
        {"visibility": "scheduled", "published_at": "2099-01-01T00:00:00"},
        {"visibility": "public", "published_at": later},
        {"published_at": later},
        {"visibility": None},
        {"visibility": "secret"},
    ):
        assert (await site.admin.put(path, json=refused)).status_code == 422, refused
    for preview in MEDIA:
        assert (await site.admin.get(f"/videos/private/{preview}")).status_code == 200
