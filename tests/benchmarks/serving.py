"""A server to measure, and the ladder that it is measured with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.server import Server

# Name, lines, and the highest rate in kbit/s.
LADDER = (("1080p", 1080, 5000), ("720p", 720, 2500), ("480p", 480, 1000), ("360p", 360, 600))
PRESET = "medium"


@contextmanager
def server(folder: Path, **settings: str) -> Iterator[Server]:
    """A real `vlog serve` with the bench's ladder in a folder of its own."""
    wanted = {
        "VLOG_TRANSCODING__LADDER": ",".join(name for name, _, _ in LADDER),
        "VLOG_TRANSCODING__PRESET": PRESET,
        "VLOG_LOGGING__LEVEL": "warning",
    }
    found = Server(Path(tempfile.mkdtemp(dir=folder)), **(wanted | settings)).start()
    try:
        yield found
    finally:
        found.close()


def pid_of(running: Server) -> int:
    """The process of a server that was started."""
    assert running.process is not None
    return running.process.pid
