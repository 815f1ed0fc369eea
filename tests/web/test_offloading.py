"""Segments that somebody else carries, and who may have them all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.web.sites import Site, both_apps
from vlog.database.engine import Database
from vlog.settings import Settings
from vlog.storage.local import LocalStorage
from vlog.web.offloading import from_cdn

PLAYLIST = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-MAP:URI="720p_init.mp4"
#EXTINF:6.0,
720p_0000.m4s
#EXTINF:6.0,
720p_0001.m4s
#EXT-X-ENDLIST
"""
VISITOR = {"x-forwarded-for": "203.0.113.1"}


@asynccontextmanager
async def _site(database: Database, folder: Path, **delivery: str) -> AsyncIterator[Site]:
    storage = LocalStorage(folder)
    storage.prepare()
    settings = Settings.model_validate({"delivery": delivery})
    async with both_apps(database, storage, settings) as site:
        yield site


def test_a_playlist_names_the_cdn_for_segments_and_nothing_else() -> None:
    text = from_cdn(PLAYLIST, "https://cdn.example.org/videos/film/")
    assert 'URI="https://cdn.example.org/videos/film/720p_init.mp4"' in text
    assert text.count("https://cdn.example.org/videos/film/720p_000") == 2
    untouched = [line for line in PLAYLIST.splitlines() if "720p" not in line]
    assert [line for line in text.splitlines() if "720p" not in line] == untouched


async def test_players_load_public_segments_from_the_cdn(
    database: Database, tmp_path: Path
) -> None:
    async with _site(database, tmp_path, cdn_url="https://cdn.example.org/") as site:
        await site.add("film", media=True, visibility="public")
        site.storage.media_file("film", "360p.m3u8").write_text("#EXTM3U\n360p_0000.ts\n")
        answer = await site.public.get("/videos/film/360p.m3u8")
        assert "\nhttps://cdn.example.org/videos/film/360p_0000.ts\n" in answer.text
        assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
        known = {"if-none-match": answer.headers["etag"]}
        again = await site.public.get("/videos/film/360p.m3u8", headers=known)
        assert again.status_code == 304
        later = await site.public.get("/videos/film/r2/360p.m3u8")
        assert later.text == "x"
        page = await site.public.get("/")
        policy = page.headers["content-security-policy"]
        assert "media-src 'self' https://cdn.example.org blob:" in policy
        assert "connect-src 'self' https://cdn.example.org;" in policy
        assert (await site.public.get("/videos/film/720p.m3u8")).status_code == 404


async def test_what_is_not_for_everybody_never_comes_from_the_cdn(
    database: Database, tmp_path: Path
) -> None:
    async with _site(database, tmp_path, cdn_url="https://cdn.example.org") as site:
        await site.add("family", media=True, visibility="unlisted")
        site.storage.media_file("family", "360p.m3u8").write_text("#EXTM3U\n360p_0000.ts\n")
        assert "cdn" not in (await site.public.get("/videos/family/360p.m3u8")).text
        await site.add("secret", media=True, visibility="private")
        assert (await site.public.get("/videos/secret/360p.m3u8")).status_code == 404


async def test_a_trusted_proxy_is_told_which_file_to_send(
    database: Database, tmp_path: Path
) -> None:
    async with _site(database, tmp_path, send_file="x-accel-redirect") as site:
        await site.add("film", media=True, visibility="public")
        handed = await site.public.get("/videos/film/360p_0000.ts", headers=VISITOR)
        assert handed.headers["x-accel-redirect"] == "/vlog-media/film/360p_0000.ts"
        assert handed.headers["content-type"] == "video/mp2t"
        assert "immutable" in handed.headers["cache-control"]
        assert handed.content == b""
        later = await site.public.get("/videos/film/r2/360p_0000.ts", headers=VISITOR)
        assert later.headers["x-accel-redirect"] == "/vlog-media/film/r2/360p_0000.ts"
        # Whoever comes past the proxy gets the bytes from us.
        straight = await site.public.get("/videos/film/360p_0000.ts")
        assert straight.content == b"x"
        assert "x-accel-redirect" not in straight.headers
        await site.add("secret", media=True, visibility="private")
        refused = await site.public.get("/videos/secret/360p_0000.ts", headers=VISITOR)
        assert refused.status_code == 404
        assert "x-accel-redirect" not in refused.headers


async def test_a_proxy_can_be_given_the_whole_path(database: Database, tmp_path: Path) -> None:
    async with _site(database, tmp_path, send_file="x-sendfile") as site:
        await site.add("film", media=True, visibility="public")
        handed = await site.public.get("/videos/film/360p_0000.ts", headers=VISITOR)
        assert handed.headers["x-sendfile"] == str(tmp_path / "videos/film/360p_0000.ts")
