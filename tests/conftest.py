"""What many tests need: a database with its tables, a storage folder, small sources."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.empty_database import put_empty_database
from tests.scheduling import pytest_collection_modifyitems as pytest_collection_modifyitems
from tests.scheduling import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage

# The suite draws the same examples each time, so that a failure is the doing of the change at
# hand; `make torture` looks for new ones. Read when a test is decorated, so set here.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("suite")

DATA = Path(__file__).parent / "data"

MakeSource = Callable[..., Path]


@pytest.fixture(autouse=True, scope="session")
def _clean_environment() -> Iterator[None]:
    """No setting of the person who runs the tests may reach them."""
    kept = {key: value for key, value in os.environ.items() if key.startswith("VLOG_")}
    for key in kept:
        del os.environ[key]
    yield
    os.environ.update(kept)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database of its own, with every table."""
    made = Database(put_empty_database(tmp_path / "vlog.db"))
    try:
        yield made
    finally:
        await made.dispose()


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    """A storage folder of its own."""
    made = LocalStorage(tmp_path / "storage")
    made.prepare()
    return made


@pytest.fixture(scope="session")
def make_source(tmp_path_factory: pytest.TempPathFactory) -> MakeSource:
    """Make a small file with ffmpeg: moving bars with a counter, and a tone."""
    folder = tmp_path_factory.mktemp("sources")

    def make(
        name: str = "clip.mp4",
        *,
        seconds: float = 8,
        rate: str = "25",
        size: str = "320x180",
        video: tuple[str, ...] = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50"),
        audio: tuple[str, ...] | None = ("-c:a", "aac", "-b:a", "96k", "-ac", "2"),
    ) -> Path:
        # Tests that share a process also share a source, if it is really the same one.
        wishes = repr((seconds, rate, size, video, audio)).encode()
        target = folder / hashlib.sha256(wishes).hexdigest()[:12] / name
        if target.exists():
            return target
        target.parent.mkdir(exist_ok=True)
        picture = f"testsrc2=size={size}:rate={rate}:duration={seconds}"
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture]
        if audio is not None:
            command += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
        command += [*video, "-pix_fmt", "yuv420p", *(audio or ()), str(target)]
        subprocess.run(command, check=True, timeout=60)
        return target

    return make
