"""How far a backup or a restore is, on one line of a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def copying_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """What is to be told the files and bytes so far; nothing is shown where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda files, size: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} ...") as status:
        yield lambda files, size: status.update(f"{what}: {files} files, {megabytes(size)}")


def megabytes(size: int) -> str:
    """Bytes as a person reads them."""
    return f"{size / 1e6:,.1f} MB"
