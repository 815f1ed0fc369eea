"""The real admin app on a folder of its own, without a network: a body can be cut anywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message

from vlog.configuration import Configuration
from vlog.database.engine import Database
from vlog.database.remembered import Remembered
from vlog.housekeeping.storage_keeper import StorageKeeper
from vlog.ingest.importer import Importer
from vlog.ingest.receiver import Receiver
from vlog.ingest.resumable import ResumableUploads
from vlog.live_settings import LiveSettings
from vlog.panel_settings import PanelSettings
from vlog.process.supervision import Health
from vlog.settings import Settings
from vlog.storage.hot_files import HotFiles
from vlog.storage.local import LocalStorage
from vlog.transcoding.removal import Remover
from vlog.transcoding.thumbnails import Thumbnails
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop
from vlog.transcription.caption_files import CaptionFiles
from vlog.transcription.transcriber import Transcriber
from vlog.web.admin import admin_app
from vlog.web.services import Services
from vlog.webhooks.dispatcher import Dispatcher


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Body:
    """Chunks, and then the end, a client that leaves (`cut`), or silence (`held`)."""

    def __init__(self, chunks: Iterable[bytes] = (), *, cut: bool = False, held: bool = False):
        self._messages: list[Message] = [
            {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
        ]
        if cut:
            self._messages.append({"type": "http.disconnect"})
        elif not held:
            self._messages.append({"type": "http.request", "body": b"", "more_body": False})
        self.read = asyncio.Event()

    async def receive(self) -> Message:
        if not self._messages:
            self.read.set()
            await asyncio.Event().wait()
        return self._messages.pop(0)


async def ask(
    app: ASGIApp, method: str, path: str, headers: dict[str, str], body: Body | None = None
) -> Answer:
    """One request."""
    raw, _, query = path.partition("?")
    given = {"host": "localhost", **headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw,
        "raw_path": raw.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, (body or Body()).receive, send)
    start = sent[0]
    return Answer(
        status=start["status"],
        headers={name.decode(): value.decode("latin-1") for name, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )


def services(
    folder: Path,
    database: Database,
    *,
    transcoding: dict[str, Any] | None = None,
    **ingest: Any,
) -> Services:
    """Everything that the supervisor builds, without its loops."""
    given = Settings.model_validate(
        {"ingest": {"min_free_bytes": 0, **ingest}, "transcoding": transcoding or {}}
    )
    settings = LiveSettings.of(Configuration(given, None, {}))
    storage = LocalStorage(folder)
    storage.prepare()
    workshop = Workshop(database, storage, settings)
    transcoder = Transcoder(workshop)
    caption_files = CaptionFiles(workshop)
    receiver = Receiver(database, storage, settings.ingest, transcoder.wake)
    return Services(
        settings=settings,
        database=database,
        storage=storage,
        receiver=receiver,
        resumable=ResumableUploads(receiver.acceptance, settings.ingest),
        importer=Importer(receiver.acceptance, receiver.room, settings.ingest),
        watched_folder=None,
        transcoder=transcoder,
        transcriber=Transcriber(workshop, caption_files.changed),
        caption_files=caption_files,
        thumbnails=Thumbnails(workshop),
        remover=Remover(workshop, transcoder),
        health=Health(),
        hot_files=HotFiles(0),
        remembered=Remembered(database),
        panel_settings=PanelSettings(database, settings),
        dispatcher=Dispatcher(database, settings),
        storage_keeper=StorageKeeper(database, storage, settings, folder / "vlog.db"),
    )


def app_of(made: Services) -> ASGIApp:
    """The admin app."""
    return admin_app(made, None)
