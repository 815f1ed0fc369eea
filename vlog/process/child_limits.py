"""What a child process may use: it reads files that strangers made, with decoders that have holes.

The limits are the kernel's (setrlimit(2)), set by `prlimit` before the tool starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

from vlog.logs import get_logger

log = get_logger(__name__)

DEATH_SIGNAL = ("setpriv", "--pdeathsig", "KILL")
_NO_CORE = ("prlimit", "--core=0")
_TRIAL_SECONDS = 5.0
_GIBIBYTE = 1024**3
# Two threads took 0.6 GiB to decode and scale 8192 x 8192 pixels, the largest that is let in.
_LEAST_BYTES = 2 * _GIBIBYTE


def limited(memory_bytes: int, cpu_seconds: int | None = None) -> tuple[str, ...]:
    """Words to put before a command, as far as the system's tools for them work here.

    The child dies with us, even of kill -9, and leaves no image of its memory on the disk.

    Args:
        memory_bytes: of its own data; more is refused it.
        cpu_seconds: after so much work it is ended.
    """
    words = list(usable(_NO_CORE))
    if words:
        words.append(f"--data={memory_bytes}")
        if cpu_seconds is not None:
            words.append(f"--cpu={cpu_seconds}")
    return (*usable(DEATH_SIGNAL), *words)


def try_tools() -> None:
    """Find out what works here before anybody waits for it in the event loop. Blocks."""
    usable(DEATH_SIGNAL)
    usable(_NO_CORE)


@cache
def most_memory() -> int:
    """Bytes that one encoder may have: three quarters of the machine's, and 2 GiB at least."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(_LEAST_BYTES, whole * 3 // 4)


@cache
def usable(command: tuple[str, ...]) -> tuple[str, ...]:
    """These words with the tool's path; none where it is missing or may not do what they say.

    What locks VLog in may refuse it to the tool, which then would run nothing at all. It is tried
    once, with a command that does nothing.
    """
    tool = shutil.which(command[0])
    if tool is None:
        return ()
    found = (tool, *command[1:])
    try:
        subprocess.run([*found, "true"], check=True, capture_output=True, timeout=_TRIAL_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning(
            f"Encoders run without `{command[0]}`, which fails here. `vlog doctor` says more.",
            action="child_limits_unusable",
            error=str(error),
        )
        return ()
    return found
