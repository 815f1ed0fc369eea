"""`vlog import` against a real server that is killed in the middle of a copy."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeSource
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.files import padded
from tests.end_to_end.server import Server, wait_for

MIB = 1024 * 1024


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system, from which nothing can be linked."""
    folder = Path("/dev/shm") / f"vlog-import-{os.getpid()}"
    folder.mkdir()
    assert folder.stat().st_dev != tmp_path.stat().st_dev
    yield folder
    shutil.rmtree(folder)


def _arriving(server: Server) -> int:
    parts = (server.data / "uploads" / ".incoming").glob("*.part")
    return sum(part.stat().st_size for part in parts)


def test_a_kill_in_the_middle_of_a_copy_loses_nothing_and_doubles_nothing(
    start_server: StartServer, make_source: MakeSource, elsewhere: Path
) -> None:
    server = start_server(
        VLOG_INGEST__IMPORT_FOLDERS=json.dumps([str(elsewhere)]), VLOG_TRANSCODING__LADDER="144p"
    )
    clip = make_source("second.mp4", seconds=1, size="160x90")
    film = padded(clip, elsewhere / "film.mp4", 300 * MIB)
    before = film.stat()
    importing = subprocess.Popen(
        [sys.executable, "-m", "vlog", "import", str(elsewhere), "--json"],
        env=server.environment,
        cwd=server.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for("the first bytes", lambda: _arriving(server) > MIB)
    server.signal(signal.SIGKILL)
    _, complaint = importing.communicate(timeout=30)
    assert importing.returncode in (1, 3)
    assert "The connection to" in complaint or "does not answer" in complaint
    server.start()
    assert _arriving(server) == 0
    assert server.videos() == []
    done = server.command("import", str(elsewhere), "--json")
    assert done.returncode == 0, done.stderr
    [imported] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (imported["outcome"], imported["how"]) == ("imported", "copied")
    again = server.command("import", str(elsewhere))
    assert again.stdout == f"known\t{imported['video_id']}\tfilm\t{film}\n"
    server.wait_until(imported["video_id"], "ready")
    assert len(server.videos()) == 1
    after = film.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (
        before.st_size,
        before.st_mtime_ns,
        before.st_ino,
    )
