"""What a child process may use: it reads files that strangers made, with decoders that have holes.

The limits are the kernel's (setrlimit(2)), set by `prlimit` before the tool starts.
"""

from __future__ import annotations

import os
import shutil
from functools import cache

_GIBIBYTE = 1024**3
# Two threads took 0.6 GiB to decode and scale 8192 x 8192 pixels, the largest that is let in.
_LEAST_BYTES = 2 * _GIBIBYTE


def limited(memory_bytes: int, cpu_seconds: int | None = None) -> tuple[str, ...]:
    """Words to put before a command. Without the system's tools the command runs as it is.

    The child dies with us, even of kill -9, and leaves no image of its memory on the disk.

    Args:
        memory_bytes: of its own data; more is refused it.
        cpu_seconds: after so much work it is ended.
    """
    words: list[str] = list(_death_signal())
    if (prlimit := _found("prlimit")) is not None:
        words += [prlimit, "--core=0", f"--data={memory_bytes}"]
        if cpu_seconds is not None:
            words.append(f"--cpu={cpu_seconds}")
    return tuple(words)


@cache
def most_memory() -> int:
    """Bytes that one encoder may have: three quarters of the machine's, and 2 GiB at least."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(_LEAST_BYTES, whole * 3 // 4)


@cache
def _death_signal() -> tuple[str, ...]:
    setpriv = _found("setpriv")
    return (setpriv, "--pdeathsig", "KILL") if setpriv else ()


@cache
def _found(tool: str) -> str | None:
    return shutil.which(tool)
