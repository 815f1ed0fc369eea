"""A progress bar for uploads, where there is a terminal to draw it on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


def is_shown() -> bool:
    """Whether there is a terminal."""
    return sys.stderr.isatty()


def progress_columns() -> Progress:
    """A context that draws bars of bytes on standard error, if that is a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not is_shown(),
    )


@contextmanager
def progress_bar(path: Path) -> Iterator[Callable[[int], None]]:
    """A function to call with the bytes that are there."""
    with progress_columns() as progress:
        task = progress.add_task(path.name, total=path.stat().st_size)
        yield lambda count: progress.update(task, completed=count)
