"""Whether somebody still writes to a file: a copy that stalls looks like one that is whole.

Linux gives a read lease on a file only while nobody has it open for writing. Where there are no
leases (network mounts, files of another user) nobody knows, and the answer is no.
"""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import suppress
from pathlib import Path


def is_being_written(path: Path) -> bool:
    """Whether a process of this machine has the file open for writing. Blocks."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        # Who opens the file while the lease is held makes the system send a signal; the usual one
        # would end this process, this one is ignored.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def writers_are_known(folder: Path) -> bool:
    """Whether `is_being_written` can tell here: some mounts refuse every lease. Blocks."""
    trial = folder / ".lease"
    try:
        trial.write_bytes(b"")
        return not is_being_written(trial)
    except OSError:
        return False
    finally:
        with suppress(OSError):
            trial.unlink()
