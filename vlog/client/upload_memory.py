"""Which uploads the command line has begun: a small file in the person's state folder."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MOST = 500


def default_file() -> Path:
    """Where the XDG base directory specification puts it."""
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return folder / "vlog" / "uploads.json"


class UploadMemory:
    """The address of each upload that goes on, by server, path, size and time of change.

    Where it cannot be read or written uploads work all the same, but begin anew.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or default_file()

    def key(self, server: str, path: Path) -> str:
        """What tells this file on its way to this server from all others."""
        found = path.stat()
        told = (server.rstrip("/"), str(path.resolve()), found.st_size, found.st_mtime_ns)
        return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()

    def url(self, key: str) -> str | None:
        """The address of the upload; None where none is known."""
        return self._read().get(key)

    def remember(self, key: str, url: str) -> None:
        """Note an upload; the oldest is forgotten where there are too many."""
        with self._alone():
            known = self._read()
            known[key] = url
            self._write(dict(list(known.items())[-_MOST:]))

    def forget(self, key: str) -> None:
        """It is finished or gone."""
        with self._alone():
            known = self._read()
            if known.pop(key, None) is not None:
                self._write(known)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Other commands wait, or the later of two would write what it read before the first."""
        place = self._file.with_name(f".{self._file.name}.lock")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            lock = place.open("ab")
        except OSError:
            yield
            return
        with lock:
            with suppress(OSError):
                # Released when the file is closed, also by a kill.
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {key: url for key, url in found.items() if isinstance(url, str)}

    def _write(self, known: dict[str, str]) -> None:
        with suppress(OSError):
            # Whoever reads meanwhile finds a whole file.
            fresh = self._file.with_name(f".{self._file.name}.{os.getpid()}")
            fresh.write_text(json.dumps(known), encoding="utf-8")
            fresh.replace(self._file)
