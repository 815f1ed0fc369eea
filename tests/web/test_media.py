"""What players load: who may, what exists, and how much of it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import unquote

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from vlog.database.engine import Database
from vlog.database.remembered import Remembered
from vlog.database.schema import Slug, Video
from vlog.database.types import now
from vlog.settings import Settings
from vlog.storage.hot_files import HotFiles
from vlog.storage.local import LocalStorage
from vlog.web import media
from vlog.web.media import media_routes
from vlog.web.problems import exception_handlers

SEGMENT = bytes(range(256)) * 12_000
FILES = {
    "master.m3u8": b"#EXTM3U\n",
    "360p.m3u8": b"#EXTM3U\n#EXT-X-VERSION:6\n",
    "audio.m3u8": b"#EXTM3U\n",
    "360p_0000.ts": SEGMENT,
    "audio_0000.ts": b"sound",
    "audio_init.mp4": b"header",
    "storyboard.vtt": b"WEBVTT\n",
    "storyboard_0000.jpg": b"tiles",
    "audio-16_0000.m4s": b"another sound",
    "720p-av1_0000.m4s": b"fragment",
    "thumbnail.jpg": b"picture",
    "captions.vtt": b"WEBVTT\n",
    "captions-pt-BR.vtt": b"WEBVTT\n",
    "captions-en-x-sdh_0000.vtt": b"WEBVTT\n",
    "captions-en-x-sdh.m3u8": b"#EXTM3U\n",
}


@dataclass
class Site:
    """Both apps over one storage."""

    public: httpx.AsyncClient
    admin: httpx.AsyncClient
    storage: LocalStorage


def _app(database: Database, storage: LocalStorage, *, public: bool) -> Starlette:
    app = Starlette(
        routes=media_routes(public=public), exception_handlers=cast("Any", exception_handlers())
    )
    app.state.services = SimpleNamespace(
        database=database,
        storage=storage,
        settings=Settings(),
        # The panel reads from the disk, so that tests can compare.
        hot_files=HotFiles(20_000_000 if public else 0),
        remembered=Remembered(database),
    )
    return app


async def _add(database: Database, slug: str, **values: object) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(Slug.__table__.insert().values(slug=slug))  # type: ignore[attr-defined]
        row = {"title": slug, "slug": slug, "status": "ready", "playable_at": now(), **values}
        await connection.execute(Video.__table__.insert().values(row))  # type: ignore[attr-defined]


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    rows: dict[str, dict[str, object]] = {
        "film": {"published_at": now()},
        "draft": {"visibility": "private", "published_at": now()},
        "soon": {"published_at": None, "playable_at": None, "status": "processing"},
        "arriving": {"published_at": now(), "status": "receiving"},
        "going": {"published_at": now(), "status": "deleting"},
    }
    for slug, values in rows.items():
        await _add(database, slug, **values)
        for name, content in FILES.items():
            storage.write_media(slug, name, content)
    (storage.videos / "film" / ".staging").mkdir()
    (storage.videos / "film" / ".staging" / "360p_0000.ts").write_bytes(b"half")
    (storage.videos / "film" / "secret.txt").write_bytes(b"secret")
    (storage.videos / "film" / "720p.m3u8").mkdir()
    (storage.root / "master.m3u8").write_bytes(b"outside")
    async with (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(_app(database, storage, public=True)),
            base_url="http://public",
        ) as public,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(_app(database, storage, public=False)),
            base_url="http://admin",
        ) as admin,
    ):
        yield Site(public, admin, storage)


@pytest.mark.parametrize(
    ("name", "kind", "cache"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl", "no-cache"),
        ("360p.m3u8", "application/vnd.apple.mpegurl", "no-cache"),
        ("audio.m3u8", "application/vnd.apple.mpegurl", "no-cache"),
        ("360p_0000.ts", "video/mp2t", "public, max-age=31536000, immutable"),
        ("audio_0000.ts", "video/mp2t", "public, max-age=31536000, immutable"),
        ("storyboard.vtt", "text/vtt; charset=utf-8", "no-cache"),
        ("storyboard_0000.jpg", "image/jpeg", "public, max-age=300"),
        ("audio_init.mp4", "audio/mp4", "public, max-age=31536000, immutable"),
        ("audio-16_0000.m4s", "audio/mp4", "public, max-age=31536000, immutable"),
        ("720p-av1_0000.m4s", "video/mp4", "public, max-age=31536000, immutable"),
        ("thumbnail.jpg", "image/jpeg", "public, max-age=300"),
        ("captions.vtt", "text/vtt; charset=utf-8", "no-cache"),
        ("captions-pt-BR.vtt", "text/vtt; charset=utf-8", "no-cache"),
        ("captions-en-x-sdh_0000.vtt", "text/vtt; charset=utf-8", "no-cache"),
        ("captions-en-x-sdh.m3u8", "application/vnd.apple.mpegurl", "no-cache"),
    ],
)
async def test_files_with_their_kind_and_life(site: Site, name: str, kind: str, cache: str) -> None:
    answer = await site.public.get(f"/videos/film/{name}")
    assert (answer.status_code, answer.content) == (200, FILES[name])
    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == cache
    assert answer.headers["content-length"] == str(len(FILES[name]))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"].startswith('"')
    assert "content-encoding" not in answer.headers
    preview = await site.admin.get(f"/videos/film/{name}")
    assert (preview.status_code, preview.content) == (200, FILES[name])
    assert preview.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("slug", "public", "admin"),
    [
        ("film", 200, 200),
        ("draft", 404, 200),
        ("soon", 404, 200),
        ("arriving", 404, 404),
        ("going", 404, 404),
        ("nowhere", 404, 404),
    ],
)
async def test_who_may_watch(site: Site, slug: str, public: int, admin: int) -> None:
    for name in FILES:
        assert (await site.public.get(f"/videos/{slug}/{name}")).status_code == public
        preview = await site.admin.get(f"/videos/{slug}/{name}")
        assert preview.status_code == admin
        if admin == 200:
            assert preview.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/videos/film/secret.txt",
        "/videos/film/.staging/360p_0000.ts",
        "/videos/film/.staging%2f360p_0000.ts",
        "/videos/film/%2e%2e%2fmaster.m3u8",
        "/videos/film/..%2f..%2fmaster.m3u8",
        "/videos/%2e%2e/master.m3u8",
        "/videos/../master.m3u8",
        "/videos/./master.m3u8",
        "/videos//master.m3u8",
        "/videos/FILM/master.m3u8",
        "/videos/film%00/master.m3u8",
        "/videos/film/master.m3u8%00",
        "/videos/film/master.m3u8%0a",
        "/videos/film/master.m3u8/",
        "/videos/film/.master.m3u8.new",
        "/videos/film/720p.m3u8",
        "/videos/film/1080p.m3u8",
        "/videos/film/360p_00.ts",
        "/videos/film/%D9%A360p_0000.ts",
        "/videos/film/360p_9999.ts",
        "/videos/film/",
        "/videos/film%ff/master.m3u8",
    ],
)
async def test_nothing_else_exists(site: Site, database: Database, path: str) -> None:
    for public in (True, False):
        messages: list[Message] = []
        app = _app(database, site.storage, public=public)
        async with _asked(app, path, messages.append, asyncio.Event()):
            pass
        assert messages[0]["status"] in (404, 307)
        body = b"".join(message["body"] for message in messages[1:])
        assert b"outside" not in body
        assert str(site.storage.root).encode() not in body


async def test_a_part_of_a_file(site: Site) -> None:
    url = "/videos/film/360p_0000.ts"
    size = len(SEGMENT)
    answer = await site.public.get(url, headers={"range": "bytes=1000000-2100000"})
    assert answer.status_code == 206
    assert answer.content == SEGMENT[1_000_000:2_100_001]
    assert answer.headers["content-range"] == f"bytes 1000000-2100000/{size}"
    assert answer.headers["content-length"] == "1100001"
    last = await site.public.get(url, headers={"range": "bytes=-5"})
    assert (last.status_code, last.content) == (206, SEGMENT[-5:])
    several = await site.public.get(url, headers={"range": "bytes=0-1,5-6"})
    assert (several.status_code, several.content) == (200, SEGMENT)
    behind = await site.public.get(url, headers={"range": f"bytes={size}-"})
    assert behind.status_code == 416
    assert behind.headers["content-range"] == f"bytes */{size}"
    assert behind.headers["content-type"] == "application/problem+json"


async def test_a_part_of_a_file_that_has_changed_is_the_whole(site: Site) -> None:
    url = "/videos/film/360p.m3u8"
    etag = (await site.public.get(url)).headers["etag"]
    headers = {"range": "bytes=0-3", "if-range": etag}
    assert (await site.public.get(url, headers=headers)).status_code == 206
    site.storage.write_media("film", "360p.m3u8", b"#EXTM3U\nnew\n")
    answer = await site.public.get(url, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"#EXTM3U\nnew\n")


async def test_what_is_known_is_not_sent_again(site: Site) -> None:
    url = "/videos/film/360p.m3u8"
    first = await site.public.get(url)
    for headers in (
        {"if-none-match": first.headers["etag"]},
        {"if-modified-since": first.headers["last-modified"]},
        {"if-none-match": first.headers["etag"], "range": "bytes=0-3"},
    ):
        again = await site.public.get(url, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == "no-cache"
        assert "content-length" not in again.headers
        assert "content-type" not in again.headers
    site.storage.write_media("film", "360p.m3u8", b"#EXTM3U\n#EXT-X-VERSION:7\n")
    changed = await site.public.get(url, headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.content) == (200, b"#EXTM3U\n#EXT-X-VERSION:7\n")


async def test_head_says_the_same_without_the_file(site: Site) -> None:
    url = "/videos/film/360p_0000.ts"
    whole, head = await site.public.get(url), await site.public.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers
    part = await site.public.head(url, headers={"range": "bytes=0-9"})
    assert (part.status_code, part.headers["content-length"]) == (206, "10")


async def test_only_reading_is_allowed(site: Site) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = await site.public.request(method, "/videos/film/master.m3u8")
        assert answer.status_code == 405


async def test_a_storage_that_does_not_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(path: Path) -> None:
        raise OSError(116, "Stale file handle")

    monkeypatch.setattr(media, "_open", stale)
    answer = await site.public.get("/videos/film/360p_0000.ts")
    assert answer.status_code == 503
    assert "Stale" not in answer.text


@asynccontextmanager
async def _asked(
    app: Starlette, path: str, on_send: Callable[[Message], None], gone: asyncio.Event
) -> AsyncIterator[asyncio.Task[None]]:
    """A request by hand, for moments between two messages."""

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        on_send(message)
        await asyncio.sleep(0)

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("public", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
        "asgi": {"version": "3.0"},
    }
    call: Callable[[Scope, Receive, Send], Any] = app
    task: asyncio.Task[None] = asyncio.create_task(call(scope, receive, send))
    yield task
    await asyncio.wait_for(task, 10)


@pytest.mark.parametrize("name", ["360p.m3u8", "360p_0000.ts"])
async def test_a_file_replaced_in_the_middle_is_sent_whole(
    site: Site, database: Database, name: str
) -> None:
    messages: list[Message] = []

    def on_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            site.storage.write_media("film", name, b"a new one, of another length" * 100_000)
        messages.append(message)

    app = _app(database, site.storage, public=True)
    async with _asked(app, f"/videos/film/{name}", on_send, asyncio.Event()):
        pass
    headers = dict(messages[0]["headers"])
    body = b"".join(message["body"] for message in messages[1:])
    assert body == FILES[name]
    assert headers[b"content-length"] == str(len(body)).encode()


async def test_a_file_removed_before_it_is_opened_is_not_found(site: Site) -> None:
    site.storage.media_file("film", "360p_0000.ts").unlink()
    answer = await site.public.get("/videos/film/360p_0000.ts")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_viewer_who_leaves_holds_nothing(site: Site, database: Database) -> None:
    gone = asyncio.Event()
    sent: list[Message] = []

    def on_send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 2:
            gone.set()

    app = _app(database, site.storage, public=True)
    async with _asked(app, "/videos/film/360p_0000.ts", on_send, gone):
        pass
    assert sum(len(message.get("body", b"")) for message in sent) < len(SEGMENT)
    folder = str(site.storage.videos)
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            assert not str(entry.readlink()).startswith(folder)


async def test_from_memory_come_the_same_answers_as_from_the_disk(site: Site) -> None:
    url = "/videos/film/360p_0000.ts"
    asked: list[dict[str, str]] = [
        {},
        {"range": "bytes=5-99"},
        {"range": "bytes=-7"},
        {"range": f"bytes={len(SEGMENT)}-"},
        {"if-none-match": "*"},
    ]
    from_disk = [await site.public.get(url, headers=headers) for headers in asked[:1]]
    await site.public.get(url)
    path = site.storage.media_file("film", "360p_0000.ts")
    from_disk += [await site.admin.get(url, headers=headers) for headers in asked[1:]]
    path.rename(path.with_suffix(".away"))
    for headers, before in zip(asked, from_disk, strict=True):
        again = await site.public.get(url, headers=headers)
        assert (again.status_code, again.content) == (before.status_code, before.content)
        for name in ("etag", "content-range", "content-length", "last-modified", "content-type"):
            assert again.headers.get(name) == before.headers.get(name), name
    assert (await site.public.head(url)).headers["content-length"] == str(len(SEGMENT))


async def test_what_is_in_memory_is_still_refused_once_it_is_not_public(
    site: Site, database: Database
) -> None:
    url = "/videos/film/360p_0000.ts"
    for _ in range(3):
        assert (await site.public.get(url)).status_code == 200
    await database.write(
        lambda session: session.execute(
            update(Video).where(Video.slug == "film").values(visibility="private")
        )
    )
    assert (await site.public.get(url)).status_code == 404
