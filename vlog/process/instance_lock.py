"""One `vlog serve` per database: a lock that the kernel releases when we die, however we die."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from vlog.errors import StartError
from vlog.storage.files import hand_over


class AlreadyRunning(StartError):
    """Another VLog works on this database already."""

    def __init__(self, holder: str) -> None:
        super().__init__(
            f"Another `vlog serve` (process {holder}) works on this database already. "
            "Stop it first, or give this one its own `[database] path`."
        )
        self.holder = holder


class InstanceLock:
    """A context. Raises AlreadyRunning on entering where another process holds the lock."""

    def __init__(self, database: Path) -> None:
        # Beside the file itself: two links to one database are one database.
        real = database.resolve()
        self.path = real.with_name(f"{real.name}.lock")
        self._descriptor = -1

    def __enter__(self) -> InstanceLock:
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            # A command that root ran must not keep the service's user out.
            hand_over(self.path, self.path.parent)
        except OSError as error:
            raise StartError(
                f"The lock file {self.path} cannot be opened: {error.strerror}. "
                "VLog must be able to write beside its database."
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 32, 0).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise AlreadyRunning(holder or "unknown") from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)
