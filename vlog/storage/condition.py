"""Whether the storage folder can be worked with now, and if not, a sentence that says why."""

from __future__ import annotations

import errno
import secrets

from vlog.storage.local import LocalStorage

DISK_FULL = "The disk is full. Free some space; the work then goes on by itself."
STORAGE_AWAY = "The storage folder is not there. The work goes on by itself once it is back."
READ_ONLY = (
    "The storage folder cannot be written to. The work goes on by itself once VLog may write there."
)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def is_disk_full(error: OSError) -> bool:
    """Whether an error means that there is no room."""
    return error.errno in _NO_ROOM


def why_not_now(storage: LocalStorage, min_free_bytes: int) -> str | None:
    """What is in the way of work, or None. Blocks.

    Permissions, mount options and what a server of a share allows agree in one place only: where
    something is really written.
    """
    try:
        if not storage.available():
            return STORAGE_AWAY
        if storage.free_bytes() < min_free_bytes:
            return DISK_FULL
        trial = storage.incoming / f".trial-{secrets.token_hex(8)}"
        trial.write_bytes(b"x")
        trial.unlink()
    except FileNotFoundError:
        return STORAGE_AWAY
    except OSError as error:
        return DISK_FULL if is_disk_full(error) else READ_ONLY
    return None
