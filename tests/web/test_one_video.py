"""One video in the panel: its picture for lists, its original, and another file in its place."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from tests.web.asgi import Answer, Body, app_of, ask, services
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.web.public import public_app
from vlog.web.services import Services

RED, BLUE, GREEN = (254, 0, 0), (0, 0, 254), (0, 128, 0)


def _colours(path: Path, *names: str, sound: bool = True) -> bytes:
    """Two seconds of each colour, and a tone."""
    inputs = [part for n in names for part in ("-f", "lavfi", "-i", f"color={n}:s=160x90:d=2")]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs]
    if sound:
        command += ["-f", "lavfi", "-i", f"sine=duration={2 * len(names)}"]
    pictures = "".join(f"[{number}:v]" for number in range(len(names)))
    command += ["-filter_complex", f"{pictures}concat=n={len(names)},fps=25[v]", "-map", "[v]"]
    if sound:
        command += ["-map", f"{len(names)}:a", "-c:a", "aac"]
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50"]
    subprocess.run([*command, *encoder, str(path)], check=True, timeout=60)
    return path.read_bytes()


def _picture(path: Path, *filters: str, size: str = "400x100") -> bytes:
    source = ",".join((f"color=green:s={size}", *filters))
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source]
    subprocess.run([*command, "-frames:v", "1", str(path)], check=True, timeout=60)
    return path.read_bytes()


def _average(jpeg: bytes) -> tuple[int, ...]:
    """The colour of a picture, and so that it is one."""
    said = subprocess.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-f", "jpeg_pipe", "-i", "-"),
            *("-vf", "scale=1:1:flags=area,format=rgb24", "-f", "rawvideo", "-"),
        ],
        input=jpeg,
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    return tuple(said)


def _is(jpeg: bytes, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(_average(jpeg), colour, strict=True))


class Panel:
    """The admin's API and the public site, with a transcoder that runs."""

    def __init__(self, folder: Path, database: Database) -> None:
        wishes = {"preset": "ultrafast", "keep_source": True, "retry_backoff_seconds": 0}
        self.services: Services = services(folder, database, transcoding=wishes)
        self.admin, self.public = app_of(self.services), public_app(self.services)
        self.storage = self.services.storage

    async def call(
        self, method: str, path: str, content: bytes = b"", kind: str = "", **more: str
    ) -> Answer:
        headers = {"content-type": kind} if kind else {}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return await ask(self.admin, method, path, headers, Body([content]))

    async def post(self, path: str, body: object) -> Answer:
        return await self.call("POST", path, json.dumps(body).encode(), "application/json")

    async def upload(self, content: bytes, **fields: str) -> Answer:
        """A whole file in one request, as tus."""
        pairs = (f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in fields.items())
        headers = {
            "tus-resumable": "1.0.0",
            "upload-length": str(len(content)),
            "upload-metadata": ",".join(pairs),
            "content-type": "application/offset+octet-stream",
        }
        return await ask(self.admin, "POST", "/api/uploads", headers, Body([content]))

    async def video(self, video_id: int) -> dict[str, object]:
        answer = await self.call("GET", f"/api/videos/{video_id}")
        assert answer.status == 200, answer.body
        found: dict[str, object] = answer.json()
        return found

    async def until(self, video_id: int, **wanted: object) -> dict[str, object]:
        """Wait until the video is so; a failure ends the waiting."""
        async with asyncio.timeout(60):
            while True:
                video = await self.video(video_id)
                if all(video[key] == value for key, value in wanted.items()):
                    return video
                assert video["status"] != "failed" or wanted.get("status") == "failed", video
                await asyncio.sleep(0.05)

    async def thumbnail(self, address: object) -> bytes:
        answer = await ask(self.public, "GET", str(address), {})
        assert answer.status == 200
        return answer.body


@pytest.fixture
async def panel(tmp_path: Path, database: Database) -> AsyncIterator[Panel]:
    made = Panel(tmp_path / "storage", database)
    stop = anyio.Event()
    working = asyncio.create_task(made.services.transcoder.run(stop))
    yield made
    stop.set()
    await asyncio.wait_for(working, 15)


@pytest.fixture
async def film(panel: Panel, tmp_path: Path) -> int:
    """Red, then blue; ready."""
    content = _colours(tmp_path / "film.mp4", "red", "blue")
    made = await panel.upload(content, filename='My "första" film.mp4')
    video_id = int(made.headers["vlog-video-id"])
    await panel.until(video_id, status="ready")
    return video_id


async def test_the_picture_for_lists_is_chosen_and_given_back_and_the_file_replaced(
    panel: Panel, film: int, tmp_path: Path
) -> None:
    path = f"/api/videos/{film}/thumbnail"
    before = await panel.video(film)
    automatic = await panel.thumbnail(before["thumbnail_url"])
    chosen = (await panel.post(path, {"at_seconds": 3.0})).json()
    assert chosen["thumbnail_origin"] == "frame"
    assert chosen["thumbnail_url"] != before["thumbnail_url"]
    assert _is(await panel.thumbnail(chosen["thumbnail_url"]), BLUE)
    # The very last frame of the red half, by the number that a player shows.
    red = (await panel.post(path, {"at_seconds": 1.96})).json()
    assert _is(await panel.thumbnail(red["thumbnail_url"]), RED)
    # An address that somebody kept gives what is shown now.
    assert _is(await panel.thumbnail(before["thumbnail_url"]), RED)

    sent = _picture(tmp_path / "own.png", "format=rgba")
    own = (await panel.call("PUT", path, sent, "image/png")).json()
    assert own["thumbnail_origin"] == "upload"
    served = await panel.thumbnail(own["thumbnail_url"])
    assert _is(served, GREEN)
    assert served.startswith(b"\xff\xd8")
    addresses = [one["thumbnail_url"] for one in (before, chosen, red, own)]
    assert len(set(addresses)) == 4

    # Encoding anew changes nothing of what somebody chose.
    await panel.post(f"/api/videos/{film}/retranscode", {})
    await panel.until(film, revision=2, beside=None)
    assert await panel.thumbnail(own["thumbnail_url"]) == served
    back = (await panel.call("DELETE", path)).json()
    assert back["thumbnail_origin"] == "automatic"
    assert back["thumbnail_url"] not in addresses
    assert await panel.thumbnail(back["thumbnail_url"]) == automatic
    names = panel.storage.media_names(str(before["slug"]), 1)
    assert [name for name in names if name.startswith("thumbnail")] == ["thumbnail.jpg"]
    await _another_file_takes_its_place(panel, film, tmp_path)


async def test_what_is_refused_changes_nothing_and_the_original_is_downloaded(
    panel: Panel, film: int, tmp_path: Path
) -> None:
    before = await panel.video(film)
    await _pictures_are_refused(panel, film, tmp_path)
    await _files_are_refused(panel, film)
    after = await panel.video(film)
    assert (after["revision"], after["beside"]) == (before["revision"], None)
    await _the_original_has_its_own_name(panel, film)


async def _pictures_are_refused(panel: Panel, film: int, tmp_path: Path) -> None:
    path = f"/api/videos/{film}/thumbnail"
    before = await panel.video(film)
    whole = _picture(tmp_path / "own.jpg")
    webp = _picture(tmp_path / "own.webp")
    for content in (b"", b"<svg/>", b"#EXTM3U\nown.jpg", whole[:40], b"RIFF1234WEBPrubbish"):
        answer = await panel.call("PUT", path, content, "image/jpeg")
        assert (answer.status, answer.json()["code"]) == (422, "invalid"), content
    too_large = await panel.call("PUT", path, whole + bytes(21 * 1024**2), "image/jpeg")
    assert too_large.status == 413
    assert (await panel.video(film))["thumbnail_url"] == before["thumbnail_url"]
    assert (await panel.call("PUT", path, webp, "image/webp")).status == 200
    for missing in ("PUT", "POST", "DELETE"):
        body = b'{"at_seconds": 1}' if missing == "POST" else whole
        kind = "application/json" if missing == "POST" else "image/jpeg"
        answer = await panel.call(missing, "/api/videos/99/thumbnail", body, kind)
        assert answer.status == 404
    assert (await panel.post(path, {"at_seconds": -1})).status == 422
    # Behind the end is the last frame.
    assert (await panel.post(path, {"at_seconds": 5000})).status == 200


async def _the_original_has_its_own_name(panel: Panel, film: int) -> None:
    path = f"/api/videos/{film}/source"
    whole = await panel.call("GET", path)
    assert whole.status == 200
    name = whole.headers["content-disposition"]
    assert name == (
        'attachment; filename="My _f_rsta_ film.mp4"; '
        "filename*=UTF-8''My%20%22f%C3%B6rsta%22%20film.mp4"
    )
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = await panel.call("GET", path, range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert (await panel.call("HEAD", path)).headers["content-length"] == str(len(whole.body))
    video = await panel.video(film)
    assert int(str(video["source_size"])) == len(whole.body)
    panel.storage.source(f"{film}.mp4").unlink()
    gone = await panel.call("GET", path)
    assert gone.status == 404
    assert "not there any more" in gone.json()["detail"]

    async def drop(session: object) -> None:
        assert hasattr(session, "get_one")
        row = await session.get_one(Video, film)
        row.source_name, row.source_present = None, False

    await panel.services.database.write(drop)
    gone = await panel.call("GET", path)
    assert gone.status == 404
    assert "keep_source" in gone.json()["detail"]
    assert (await ask(panel.public, "GET", path, {})).status == 404


async def _files_are_refused(panel: Panel, film: int) -> None:
    for replaces, status in (("99", 404), ("x", 422)):
        answer = await panel.upload(b"1234", filename="new.mp4", replaces=replaces)
        assert answer.status == status
    answer = await panel.upload(b"no video" * 100, filename="new.mp4", replaces=str(film))
    assert answer.status == 422


async def _another_file_takes_its_place(panel: Panel, film: int, tmp_path: Path) -> None:
    await panel.post(f"/api/videos/{film}/thumbnail", {"at_seconds": 3.0})
    before = await panel.video(film)
    shorter = _colours(tmp_path / "new.mp4", "green")
    made = await panel.upload(shorter, filename="new.mp4", replaces=str(film))
    assert (made.status, made.headers["vlog-video-id"]) == (201, str(film))
    after = await panel.until(film, revision=3, beside=None)
    for key in ("id", "slug", "title", "watch_url", "created_at", "published_at"):
        assert after[key] == before[key]
    assert (after["source_filename"], after["duration"]) == ("new.mp4", 2.0)
    assert str(after["stream_url"]).endswith("/r3/master.m3u8")
    # The frame was of the old film; the automatic picture of the new one takes its place.
    assert after["thumbnail_origin"] == "automatic"
    assert _is(await panel.thumbnail(after["thumbnail_url"]), GREEN)
    assert (await panel.call("GET", f"/api/videos/{film}/source")).body == shorter
    async with asyncio.timeout(10):
        while [path.name for path in panel.storage.uploads.glob("*.mp4")] != [f"{film}-r3.mp4"]:
            await asyncio.sleep(0.05)
    page = await ask(panel.public, "GET", str(after["watch_url"]), {})
    assert page.status == 200
