"""The API of captions over a real database and real files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from vlog.captions import webvtt
from vlog.captions.chapters import Chapter
from vlog.captions.cue import Cue, Word
from vlog.catalog import chapters, receiving, transcripts
from vlog.database.engine import Database
from vlog.database.remembered import Remembered
from vlog.database.schema import Video
from vlog.database.types import now
from vlog.settings import Settings
from vlog.storage.hot_files import HotFiles
from vlog.storage.local import LocalStorage
from vlog.transcoding.workshop import Workshop
from vlog.transcription.caption_files import CaptionFiles
from vlog.web.api_captions import CAPTIONS_API, PUBLIC_CAPTIONS_API
from vlog.web.api_public import PUBLIC_API
from vlog.web.media import media_routes
from vlog.web.operations import routes_for
from vlog.web.problems import exception_handlers

SRT = (
    b"1\n00:00:01,000 --> 00:00:02,000\nHello <i>there</i>\n\n"
    b"2\n00:00:05,000 --> 00:00:06,000\nBye\n"
)
HELLO, BYE = Cue(1.0, 2.0, "Hello there"), Cue(5.0, 6.0, "Bye")


@dataclass
class Site:
    """Both apps over one video that everybody may watch."""

    database: Database
    public: httpx.AsyncClient
    admin: httpx.AsyncClient
    video_id: int
    path: str

    async def upload(self, content: bytes = SRT, **query: str | int) -> httpx.Response:
        """Upload a file as a program would."""
        return await self.admin.post(
            f"{self.path}s", params={"language": "en", **query}, content=content
        )

    async def change(self, body: dict[str, Any], language: str | None = None) -> httpx.Response:
        """Change captions."""
        params = {"language": language} if language else {}
        return await self.admin.put(self.path, params=params, json=body)

    async def get(self, language: str | None = None) -> dict[str, Any]:
        """The transcript as the admin sees it."""
        params = {"language": language} if language else {}
        answer = await self.admin.get(self.path, params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def site(database: Database, storage: LocalStorage) -> AsyncIterator[Site]:
    arrival = receiving.Arrival("Film", "film.mp4", ".mp4", 1)
    video = await database.write(lambda s: receiving.register(s, arrival, None))

    async def make_public(session: Any) -> None:
        row = await session.get_one(Video, video.id)
        row.status, row.published_at, row.playable_at = "ready", now(), now()
        row.visibility = "public"

    await database.write(make_public)
    workshop = Workshop(database, storage, Settings())
    services = SimpleNamespace(
        database=database,
        storage=storage,
        settings=Settings(),
        caption_files=CaptionFiles(workshop),
        hot_files=HotFiles(0),
        remembered=Remembered(database),
    )
    clients = []
    for public, operations in (
        (True, [*PUBLIC_API, *PUBLIC_CAPTIONS_API]),
        (False, CAPTIONS_API),
    ):
        app = Starlette(
            routes=[*routes_for(operations), *media_routes(public=public)],
            exception_handlers=cast("Any", exception_handlers()),
        )
        app.state.services = services
        transport = httpx.ASGITransport(app)
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://test"))
    async with clients[0] as public_client, clients[1] as admin_client:
        path = f"/api/videos/{video.id}/transcript"
        yield Site(database, public_client, admin_client, video.id, path)


async def test_an_uploaded_file_is_read_written_and_offered_in_every_format(site: Site) -> None:
    empty = await site.get()
    assert (empty["language"], empty["version"], empty["cues"]) == (None, 0, [])
    answer = await site.upload(name="Ours")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["origin"], made["label"], made["version"]) == ("uploaded", "Ours", 1)
    assert made["text"] == "Hello there\n\nBye"
    assert made["status"] == "none"
    assert made["vtt_url"] == "/videos/film/captions-en.vtt"
    for name in ("captions-en.vtt", "captions.vtt"):
        file = await site.public.get(f"/videos/film/{name}")
        assert file.headers["content-type"] == "text/vtt; charset=utf-8"
        assert webvtt.read(file.text) == [HELLO, BYE]
    srt = await site.public.get("/videos/film/captions-en.srt")
    assert srt.headers["content-disposition"] == 'attachment; filename="film.en.srt"'
    assert srt.headers["content-type"] == "application/x-subrip; charset=utf-8"
    assert srt.text.startswith("1\n00:00:01,000 --> 00:00:02,000\nHello there\n")
    text = await site.public.get("/videos/film/captions.txt")
    assert text.text == "Hello there\n\nBye\n"
    public = (await site.public.get("/api/videos/film/transcript?language=en")).json()
    assert public["cues"] == [
        {"start": 1.0, "end": 2.0, "text": "Hello there"},
        {"start": 5.0, "end": 6.0, "text": "Bye"},
    ]
    video = (await site.public.get("/api/videos/film")).json()
    assert video["captions_url"] == "/videos/film/captions.vtt"


async def test_two_editors_do_not_undo_each_other(site: Site) -> None:
    version = (await site.upload()).json()["version"]
    mine = {"version": version, "cues": [{"start": 1, "end": 2, "text": "Mine"}]}
    theirs = {"version": version, "cues": [{"start": 1, "end": 2, "text": "Theirs"}]}
    first = await site.change(mine, "en")
    assert first.status_code == 200
    assert first.json()["origin"] == "edited"
    second = await site.change(theirs, "en")
    assert second.status_code == 409
    assert "changed these captions since" in second.json()["detail"]
    assert (await site.get())["text"] == "Mine"
    assert (await site.upload(version=0)).status_code == 409
    gone = await site.admin.delete(site.path, params={"language": "en", "version": version})
    assert gone.status_code == 409
    file = await site.public.get("/videos/film/captions-en.vtt")
    assert webvtt.read(file.text) == [Cue(1.0, 2.0, "Mine")]


async def test_corrected_text_goes_back_on_its_times(site: Site) -> None:
    await site.upload()
    answer = await site.change({"text": "Hello everybody Bye"})
    assert [cue["text"] for cue in answer.json()["cues"]] == ["Hello everybody", "Bye"]
    refused = await site.change({"text": "No times"}, "de")
    assert refused.status_code == 404
    both = await site.change({"text": "x", "cues": []}, "en")
    assert both.status_code == 422


async def test_untouched_cues_keep_the_times_of_their_words(site: Site) -> None:
    spoken = Cue(1.0, 2.0, "Hello", (Word(1.0, 1.5, "Hello"),))
    await site.database.write(
        lambda s: transcripts.replace(s, site.video_id, "en", [spoken, BYE], origin="automatic")
    )
    cues = (await site.get())["cues"]
    cues[1]["text"] = "Good bye"
    await site.change({"cues": cues}, "en")
    async with site.database.read() as session:
        first, second = await transcripts.read_cues(session, site.video_id, "en")
    assert first == spoken
    assert second.text == "Good bye"


async def test_several_languages_come_are_renamed_and_go(site: Site) -> None:
    await site.upload(language="und")
    started = await site.change(
        {"language": "spa", "name": "Castellano", "cues": [{"start": 0, "end": 1, "text": "Hola"}]}
    )
    assert started.json()["language"] == "es"
    renamed = await site.change({"language": "eng", "origin": "automatic"}, "und")
    assert renamed.json()["label"] == "English (automatic)"
    assert (await site.change({"language": "en"}, "es")).status_code == 409
    listed = (await site.admin.get(f"{site.path}s")).json()["transcripts"]
    assert [(t["language"], t["default"], t["word_count"]) for t in listed] == [
        ("en", True, 3),
        ("es", False, 1),
    ]
    assert (await site.public.get("/videos/film/captions-und.vtt")).status_code == 404
    assert (await site.public.get("/videos/film/captions-en.vtt")).status_code == 200
    assert (await site.admin.delete(site.path, params={"language": "en"})).status_code == 204
    assert webvtt.read((await site.public.get("/videos/film/captions.vtt")).text) == [
        Cue(0.0, 1.0, "Hola")
    ]
    assert (await site.admin.delete(site.path)).status_code == 204
    assert (await site.admin.delete(site.path)).status_code == 404
    assert (await site.public.get("/videos/film/captions.vtt")).status_code == 404
    assert (await site.public.get("/videos/film/captions.srt")).status_code == 404


@pytest.mark.parametrize(
    ("content", "query", "status", "says"),
    [
        (b"nothing of use", {}, 422, "Line 1: the times of a cue are missing"),
        (b"", {}, 422, "empty"),
        (SRT, {"language": "klingonese"}, 422, "not the tag of a language"),
        (SRT, {"language": "../x"}, 422, "not the tag of a language"),
        (b"x" * (8 * 1024 * 1024 + 1), {}, 413, "larger than 8 MiB"),
    ],
)
async def test_what_cannot_be_used_is_refused(
    site: Site, content: bytes, query: dict[str, str], status: int, says: str
) -> None:
    answer = await site.upload(content, **query)
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert (await site.get())["language"] is None


async def test_a_bad_cue_is_named(site: Site) -> None:
    await site.upload()
    bad = {"cues": [{"start": 0, "end": 1, "text": "a"}, {"start": 3, "end": 3, "text": "b"}]}
    answer = await site.change(bad, "en")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "Cue 2: it must end after it starts."


async def test_a_video_that_is_not_public_has_no_public_words(site: Site) -> None:
    await site.upload()

    async def hide(session: Any) -> None:
        (await session.get_one(Video, site.video_id)).visibility = "private"

    await site.database.write(hide)
    for address in ("/api/videos/film/transcript", "/videos/film/captions-en.srt"):
        assert (await site.public.get(address)).status_code == 404
    preview = await site.admin.get("/videos/film/captions-en.srt")
    assert preview.headers["cache-control"] == "private, no-store"
    assert (await site.admin.get("/api/videos/99/transcripts")).status_code == 404


async def test_chapters_are_shown_and_served(site: Site) -> None:
    assert (await site.public.get("/videos/film/chapters.vtt")).status_code == 404
    marks = [Chapter(0.0, 4.5, "Start & go"), Chapter(4.5, 9.0, "End")]
    await site.database.write(lambda s: chapters.from_container(s, site.video_id, marks))
    video = (await site.public.get("/api/videos/film")).json()
    assert video["chapters"][0] == {"start": 0.0, "end": 4.5, "title": "Start & go"}
    file = await site.public.get("/videos/film/chapters.vtt")
    assert file.headers["content-type"] == "text/vtt; charset=utf-8"
    assert webvtt.read(file.text) == [Cue(0.0, 4.5, "Start & go"), Cue(4.5, 9.0, "End")]
