"""Both ports of a VLog in a thread of this process, and commands typed at its panel."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import anyio
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from tests.web.asgi import services
from vlog.cli import app
from vlog.database.engine import Database
from vlog.database.migration import migrate
from vlog.database.schema import Slug, Video
from vlog.process.servers import run_server
from vlog.process.sockets import address_of, bind
from vlog.web.admin import admin_app
from vlog.web.public import public_app
from vlog.web.services import Services

T = TypeVar("T")


@dataclass(frozen=True)
class Typed:
    """What came of a command."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """Standard output as JSON, a line for each thing."""
        return [json.loads(line) for line in self.out.splitlines()]


def typed(*words: str, answer: str | None = None, **environment: str) -> Typed:
    """Type `vlog ...`."""
    result = CliRunner().invoke(app, words, input=answer, env=environment, prog_name="vlog")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Typed(result.exit_code, result.stdout, result.stderr)


class Panel:
    """A context: its ports answer meanwhile. Its loops do not run, so nothing is transcoded."""

    def __init__(self, folder: Path, **ingest: Any) -> None:
        self.folder = folder
        self._ingest = ingest
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="panel")
        self.url = self.public_url = ""
        self.services: Services

    def __enter__(self) -> Panel:
        # What the panel logs is not what a command prints.
        structlog.configure(
            processors=[structlog.stdlib.render_to_log_kwargs],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
        )
        self._thread.start()
        assert self._started.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()
        structlog.reset_defaults()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), anyio.Event()
        database = Database(f"sqlite+aiosqlite:///{self.folder / 'vlog.db'}")
        try:
            await migrate(database)
            self.services = services(self.folder / "data", database, **self._ingest)
            admin, public = bind("127.0.0.1", 0, "admin"), bind("127.0.0.1", 0, "public")
            self.url, self.public_url = address_of(admin), address_of(public)
            self._started.set()
            await asyncio.gather(
                run_server(admin_app(self.services, None), admin, self._stop),
                run_server(public_app(self.services), public, self._stop),
            )
        finally:
            await database.dispose()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the panel's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def type(self, *words: str, answer: str | None = None) -> Typed:
        """Type `vlog ...` at this panel."""
        return typed(*words, "--url", self.url, answer=answer)

    def add_videos(self, count: int, **values: Any) -> list[int]:
        """Videos that are ready."""

        async def work(session: AsyncSession) -> list[int]:
            videos: list[Video] = []
            for number in range(count):
                slug = f"{values.get('title', 'film').lower()}-{number}-{id(videos)}"
                session.add(Slug(slug=slug))
                await session.flush()
                videos.append(Video(slug=slug, **{"title": "Film", "status": "ready", **values}))
            session.add_all(videos)
            await session.flush()
            return [video.id for video in videos]

        return self.do(self.services.database.write(work))
