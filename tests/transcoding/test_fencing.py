"""A worker that froze and wakes up late changes nothing; what was promised is kept by anybody."""

from __future__ import annotations

import errno
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tests.conftest import MakeSource
from tests.transcoding.conftest import Bench, MakeBench, Tools
from vlog.catalog import leases
from vlog.database.schema import Publication, WorkUnit
from vlog.database.types import now
from vlog.storage.local import LocalStorage

MPEG4 = ("-c:v", "mpeg4", "-q:v", "5", "-bf", "2", "-g", "30")

# A whole second process with a transcoder of its own on the same database and storage.
_SECOND = """
import asyncio, sys
from pathlib import Path
import anyio
from tests.transcoding.conftest import make_settings
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop

async def main() -> None:
    database = Database(f"sqlite+aiosqlite:///{sys.argv[1]}")
    settings = make_settings(ladder=("240p", "144p"), segment_seconds=2, lease_seconds=5)
    workshop = Workshop(database, LocalStorage(Path(sys.argv[2])), settings)
    await Transcoder(workshop).run(anyio.Event())

asyncio.run(main())
"""


@contextmanager
def _second_process(bench: Bench, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [str(tmp_path / "vlog.db"), str(bench.storage.root)]
    with (tmp_path / "second.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _SECOND, *arguments], stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


async def _freeze(process: subprocess.Popen[bytes], file: Path) -> bool:
    """Stop a process, but not inside a transaction: there SQLite's own lock stops everybody."""
    process.send_signal(signal.SIGSTOP)
    with closing(sqlite3.connect(file, timeout=0.1, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            process.send_signal(signal.SIGCONT)
            return False
    return True


def _published(bench: Bench, slug: str) -> dict[str, tuple[int, int, int]]:
    """What viewers get, as identities that change with every replacement."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_size, path.stat().st_mtime_ns)
        for path in bench.storage.video_folder(slug).glob("*.*")
        if path.is_file()
    }


async def test_a_whole_process_that_froze_at_work_wakes_up_and_changes_nothing(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools, tmp_path: Path
) -> None:
    # What the second process begins takes long enough to be frozen in the middle of it.
    tools.ffmpeg(
        f'case "$*" in *libx264*) [ -e {tmp_path}/awake ] || sleep 1;; esac\nexec $REAL "$@"'
    )
    source = make_source("eight.mkv", seconds=8, size="426x240", video=MPEG4)
    bench = make_bench(ladder=("240p", "144p"), segment_seconds=2, lease_seconds=5)
    await bench.stop()
    film = await bench.add(source)
    with _second_process(bench, tmp_path) as second:

        async def at_work() -> bool:
            return any(u.kind == "part" and u.state == "leased" for u in await bench.units())

        await bench.wait("the second process to be at work", at_work, 30)
        await bench.wait("a moment to freeze it", lambda: _freeze(second, tmp_path / "vlog.db"))
        frozen = [unit.id for unit in await bench.units() if unit.state == "leased"]
        assert frozen
        (tmp_path / "awake").touch()
        bench.begin()
        video = await bench.until(film.id, "ready", 60)
        rows, files = await _rows(bench), _published(bench, video.slug)
        second.send_signal(signal.SIGCONT)

        async def noticed() -> bool:
            return "lease was lost" in (tmp_path / "second.log").read_text()

        await bench.wait("the frozen process to notice", noticed, 30)
        staging = bench.storage.video_folder(video.slug) / ".staging"

        async def cleared() -> bool:
            return not staging.exists() or not list(staging.iterdir())

        await bench.wait("its left-overs to be gone", cleared, 10)
        assert await _rows(bench) == rows
        assert _published(bench, video.slug) == files
        assert second.poll() is None


async def _rows(bench: Bench) -> list[tuple[object, ...]]:
    units = [
        (u.id, u.state, u.attempt, u.lease_token, u.completed_at, u.error)
        for u in await bench.units()
    ]
    async with bench.database.read() as session:
        promises = list(await session.scalars(select(Publication.id)))
    return [*units, tuple(promises)]


class _Gate(LocalStorage):
    """A storage in which one step of one publication freezes until it is let go."""

    def freeze(self, step: str) -> None:
        """The next time, `make_durable` or `place` of a part's files waits."""
        gates[self.root] = (step, threading.Event(), threading.Event())

    def frozen(self) -> bool:
        return gates[self.root][1].is_set()

    def let_go(self) -> None:
        gates[self.root][2].set()

    def make_durable(self, slug: str, attempt: str, names: list[str]) -> None:
        self._pass("make_durable", attempt)
        super().make_durable(slug, attempt, names)

    def place(
        self, slug: str, attempt: str, moves: list[tuple[str, str, int]], generation: int = 1
    ) -> None:
        self._pass("place", attempt)
        super().place(slug, attempt, moves, generation)

    def _pass(self, step: str, attempt: str) -> None:
        wanted, reached, gone_on = gates[self.root]
        if wanted == step and attempt.startswith("part-") and not reached.is_set():
            reached.set()
            assert gone_on.wait(60)


gates: dict[Path, tuple[str, threading.Event, threading.Event]] = {}


@pytest.mark.parametrize("step", ["make_durable", "place"])
async def test_a_worker_that_froze_while_it_published_changes_nothing(
    make_bench: MakeBench,
    make_source: MakeSource,
    storage: LocalStorage,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    monkeypatch.setattr("vlog.transcoding.transcoder._PROMISE_SECONDS", 0.2)
    gate = _Gate(storage.root)
    gate.freeze(step)
    old = make_bench(gate, ladder=("144p",), parallelism=1)
    source = make_source("four.mkv", seconds=4, size="256x144", video=MPEG4)
    film = await old.add(source)

    async def frozen() -> bool:
        return gate.frozen()

    await old.wait("a worker to freeze", frozen)
    # As after the lease's time: nobody has heard of the old worker.
    await old.database.write(leases.free_all)
    new = make_bench(storage, ladder=("144p",))
    video = await new.until(film.id, "ready")
    rows, files = await _rows(new), _published(new, video.slug)
    gate.let_go()
    await old.stop()
    assert await _rows(new) == rows
    assert _published(new, video.slug) == files
    assert not list(storage.root.rglob(".staging/*"))
    assert (await new.look(film.id)).status == "ready"


class _Refusing(LocalStorage):
    """A storage that has no room for names, or has lost the promised files, the first times."""

    def place(
        self, slug: str, attempt: str, moves: list[tuple[str, str, int]], generation: int = 1
    ) -> None:
        left = refusals[self.root]
        if attempt.startswith("part-") and left:
            error = left.pop()
            if isinstance(error, FileNotFoundError):
                shutil.rmtree(self.staging(slug, attempt))
            raise error
        super().place(slug, attempt, moves, generation)


refusals: dict[Path, list[OSError]] = {}


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), FileNotFoundError("lost")],
    ids=["no room", "lost"],
)
async def test_what_was_promised_is_kept_later_or_done_again(
    make_bench: MakeBench,
    make_source: MakeSource,
    storage: LocalStorage,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
) -> None:
    monkeypatch.setattr("vlog.transcoding.transcoder._PROMISE_SECONDS", 0.2)
    monkeypatch.setattr("vlog.transcoding.transcoder._IDLE_SECONDS", 0.3)
    monkeypatch.setattr("vlog.transcoding.outcomes._LOOK_AGAIN_SECONDS", 0.3)
    refusals[storage.root] = [error, error]
    bench = make_bench(_Refusing(storage.root), ladder=("144p",), max_attempts=1)
    film = await bench.add(make_source("four.mkv", seconds=4, size="256x144", video=MPEG4))
    await bench.until(film.id, "ready")
    assert refusals[storage.root] == []
    assert not list(storage.root.rglob(".staging/*"))


async def test_a_sleep_of_the_whole_machine_costs_no_work_in_flight(
    make_bench: MakeBench, make_source: MakeSource, tools: Tools, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    tools.ffmpeg(
        f'case "$*" in *libx264*) mktemp {marks}/XXXXXX >/dev/null; '
        f'while [ ! -e {tmp_path}/awake ]; do sleep 0.05; done;; esac\nexec $REAL "$@"'
    )
    bench = make_bench(ladder=("144p",), parallelism=1)
    film = await bench.add(make_source("two.mkv", seconds=2, size="256x144", video=MPEG4))

    async def at_work() -> bool:
        return bool(list(marks.iterdir()))

    await bench.wait("the encoder to begin", at_work)
    await bench.database.write(_expire)
    bench.transcoder.wake()
    (tmp_path / "awake").touch()
    await bench.until(film.id, "ready")
    parts = [unit for unit in await bench.units() if unit.kind == "part"]
    assert len(list(marks.iterdir())) == len(parts)


async def _expire(session: AsyncSession) -> None:
    await session.execute(
        update(WorkUnit)
        .where(WorkUnit.state == "leased")
        .values(lease_expires_at=now() - timedelta(seconds=1))
    )
