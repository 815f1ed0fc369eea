"""A file from elsewhere in the storage folder: by a second name, as a clone, or copied.

The file itself is only read. Everything here blocks.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

How = Literal["linked", "cloned", "copied"]
OnProgress = Callable[[int], None]

# ioctl_ficlone(2): both files share their blocks until one of them is changed.
_FICLONE = 0x40049409
# Between two looks at whether it is still wanted.
_COPY_BYTES = 16 * 1024 * 1024
_NO_FAST_COPY = (errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM)


class Stopped(Exception):
    """Whoever wanted the copy does not want it any more."""


def take(
    source: int, target: Path, *, link: bool, on_progress: OnProgress, stopped: Callable[[], bool]
) -> How:
    """Make `target` have what an open file has, durably, in the cheapest way that there is.

    Args:
        source: a descriptor to read from, of a file that has a name.
        target: must not be there yet; is not there either where this fails.
        link: whether a second name for the same file will do.
        on_progress: told how many bytes were copied.
        stopped: asked now and then while bytes are copied.

    Raises:
        OSError: it cannot be read or written.
        Stopped: `stopped` said so.
    """
    if link:
        # Another file system, no hard links on it, or a file of somebody else that may not be
        # linked (`fs.protected_hardlinks`): all of them can still be copied.
        with suppress(OSError):
            _link(source, target)
            os.fsync(source)
            return "linked"
    written = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        how = _fill(source, written, on_progress, stopped)
        os.fsync(written)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        os.close(written)
    return how


def _link(source: int, target: Path) -> None:
    """Give an open file another name: whatever its own name leads to by now, it is this file."""
    root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Without a folder beside it Python calls link(2), which would link the symbolic link.
        os.link(f"/proc/self/fd/{source}", target, src_dir_fd=root, follow_symlinks=True)
    finally:
        os.close(root)


def _fill(source: int, written: int, on_progress: OnProgress, stopped: Callable[[], bool]) -> How:
    with suppress(OSError):
        fcntl.ioctl(written, _FICLONE, source)
        return "cloned"
    copy = _copy_in_kernel
    done = 0
    while True:
        if stopped():
            raise Stopped
        try:
            count = copy(source, written, done)
        except OSError as error:
            if copy is _copy or error.errno not in _NO_FAST_COPY:
                raise
            copy = _copy
            continue
        if not count:
            return "copied"
        done += count
        on_progress(done)


def _copy_in_kernel(source: int, written: int, offset: int) -> int:
    return os.copy_file_range(source, written, _COPY_BYTES, offset, offset)


def _copy(source: int, written: int, offset: int) -> int:
    data = os.pread(source, _COPY_BYTES // 4, offset)
    done = 0
    while done < len(data):
        done += os.pwrite(written, data[done:], offset + done)
    return done
