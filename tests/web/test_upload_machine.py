"""Uploads under any order of parts, cuts, kills and questions: what was answered is never lost."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from tests.empty_database import put_empty_database
from tests.web.asgi import Answer, Body, app_of, ask, services
from vlog.database.engine import Database
from vlog.database.schema import Video
from vlog.ingest import pieces
from vlog.ingest.upload_keeper import UploadKeeper

V = {"tus-resumable": "1.0.0"}
# Small, so that a kill meets written bytes and pending ones.
_WRITE_BYTES = 2000


class Uploads(RuleBasedStateMachine):
    """One upload. `least` is the offset that the client was told last."""

    content: bytes
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="vlog-machine-"))
        self.life = 0
        self.url: str | None = None
        self.least = 0
        self.video: str | None = None

    @initialize()
    def start(self) -> None:
        first = self.folder / "0"
        first.mkdir()
        shutil.copy(self.template, first / "vlog.db")
        self._build(first)

    def _build(self, folder: Path) -> None:
        self.place = folder
        self.database = Database(f"sqlite+aiosqlite:///{folder / 'vlog.db'}")
        self.made = services(folder / "storage", self.database)
        self.app = app_of(self.made)

    async def _recover(self) -> None:
        await self.made.receiver.recover()
        await UploadKeeper(self.made.resumable).sweep()

    def _run(self, work: Any) -> Any:
        return self.runner.run(work)

    def _ask(self, method: str, headers: dict[str, str], body: Body | None = None) -> Answer:
        assert self.url is not None
        answer: Answer = self._run(ask(self.app, method, self.url, V | headers, body))
        return answer

    def _told(self, answer: Answer) -> int:
        """What an answer says must agree with all that was said before."""
        offset = int(answer.headers["upload-offset"])
        assert self.least <= offset <= len(self.content)
        self.least = offset
        video = answer.headers.get("vlog-video-id")
        assert (video is None) == (offset < len(self.content))
        assert self.video in (None, video)
        self.video = video
        return offset

    @precondition(lambda self: self.url is None)
    @rule(with_first=st.booleans())
    def create(self, with_first: bool) -> None:
        headers = {"upload-length": str(len(self.content)), "upload-metadata": "filename YS5tcDQ="}
        body = None
        if with_first:
            headers["content-type"] = "application/offset+octet-stream"
            body = Body([self.content[:3000]])
        made = self._run(ask(self.app, "POST", "/api/uploads", V | headers, body))
        assert made.status == 201
        self.url = made.headers["location"]
        self._told(made)

    def _part(self, offset: int, data: bytes, checked: bool) -> dict[str, str]:
        headers = {
            "content-type": "application/offset+octet-stream",
            "upload-offset": str(offset),
        }
        if checked:
            digest = base64.b64encode(hashlib.sha1(data).digest()).decode()
            headers["upload-checksum"] = f"sha1 {digest}"
        return headers

    @precondition(lambda self: self.url is not None)
    @rule(size=st.integers(0, 30_000), checked=st.booleans(), damaged=st.booleans())
    def patch(self, size: int, checked: bool, damaged: bool) -> None:
        offset = self._told(self._ask("HEAD", {}))
        data = self.content[offset : offset + size]
        sent = b"\0" * len(data) if checked and damaged else data
        answer = self._ask("PATCH", self._part(offset, data, checked), Body(_pieces(sent)))
        if sent != data:
            assert answer.status == 460
        else:
            assert answer.status == 204
            self._told(answer)

    @precondition(lambda self: self.url is not None)
    @rule(size=st.integers(1, 30_000), checked=st.booleans())
    def patch_is_cut(self, size: int, checked: bool) -> None:
        offset = self._told(self._ask("HEAD", {}))
        data = self.content[offset : offset + size]
        body = Body(_pieces(data), cut=True)
        self._ask("PATCH", self._part(offset, data + b"more", checked), body)

    @precondition(lambda self: self.url is not None)
    @rule(back=st.integers(1, 5000))
    def patch_elsewhere(self, back: int) -> None:
        offset = self._told(self._ask("HEAD", {}))
        elsewhere = offset - back if offset >= back else offset + back
        answer = self._ask("PATCH", self._part(elsewhere, b"x", False), Body([b"x"]))
        # Unless it is the last part once more.
        assert answer.status == 409 or self.video is not None

    @precondition(lambda self: self.video is not None)
    @rule(size=st.integers(0, 5000))
    def last_part_again(self, size: int) -> None:
        offset = len(self.content) - size
        data = self.content[offset:]
        headers = self._part(offset, data, False) | {"content-length": str(len(data))}
        answer = self._ask("PATCH", headers, Body(_pieces(data)))
        assert answer.status == 204
        self._told(answer)

    @rule()
    def kill(self) -> None:
        self._run(self._killed_while(None))

    @precondition(lambda self: self.url is not None)
    @rule(size=st.integers(1, 30_000), checked=st.booleans())
    def kill_in_a_part(self, size: int, checked: bool) -> None:
        offset = self._told(self._ask("HEAD", {}))
        data = self.content[offset : offset + size]
        body = Body(_pieces(data), held=True)
        self._run(self._killed_while((self._part(offset, data, checked), body)))

    async def _killed_while(self, part: tuple[dict[str, str], Body] | None) -> None:
        """What a kill leaves is what lies on the disk at this moment; the rest is forgotten."""
        sending = None
        if part is not None and self.url is not None:
            headers, body = part
            sending = asyncio.create_task(ask(self.app, "PATCH", self.url, V | headers, body))
            await body.read.wait()
        self.life += 1
        left = self.folder / str(self.life)
        shutil.copytree(self.place, left)
        if sending is not None:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        await self.database.dispose()
        self._build(left)
        await self._recover()

    @precondition(lambda self: self.url is not None)
    @rule()
    def terminate(self) -> None:
        answer = self._ask("DELETE", {})
        assert answer.status == 204
        assert answer.headers.get("vlog-video-id") == self.video
        assert self._ask("HEAD", {}).status == 404
        self.url, self.least, self.video = None, 0, None

    @invariant()
    def what_is_there_is_right(self) -> None:
        if self.url is None:
            return
        part = self.made.storage.incoming_file(f"{self.url.rpartition('/')[2]}.part")
        if part.exists():
            self._told(self._ask("HEAD", {}))
        if part.exists():
            assert part.read_bytes() == self.content[: self.least]
        if self.video is not None:
            video = self._run(self._found(int(self.video)))
            assert video.status == "pending"
            assert self.made.storage.source(video.source_name).read_bytes() == self.content

    async def _found(self, video_id: int) -> Video:
        async with self.database.read() as session:
            return (await session.scalars(select(Video).where(Video.id == video_id))).one()

    def teardown(self) -> None:
        self._run(self.database.dispose())
        self.runner.close()
        shutil.rmtree(self.folder)


def _pieces(data: bytes) -> list[bytes]:
    return [data[place : place + 1500] for place in range(0, len(data), 1500)]


def test_what_was_answered_is_never_lost(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(pieces, "_WRITE_BYTES", _WRITE_BYTES)
    clip = tmp_path / "clip.mp4"
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2", "-c:a", "aac", "-b:a", "160k")
    subprocess.run(["ffmpeg", "-v", "error", *tone, str(clip)], check=True, timeout=30)
    template = tmp_path / "vlog.db"
    put_empty_database(template)
    machine = type("Machine", (Uploads,), {"content": clip.read_bytes(), "template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=10, stateful_step_count=16, deadline=None, database=None),
    )
