"""How many files and connections the process may have open."""

from __future__ import annotations

import resource

# A connection is a file, and so is each segment that is being read. Systems allow 1024 at first.
_WANTED = 65_536


def allow_many() -> int:
    """Raise the process's own limit as far as the system lets it; the limit that holds then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return soft
