"""A progress bar for downloads, where there is a terminal to draw it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vlog.client.downloader import OnDownload
from vlog.client.upload_progress import progress_columns


@contextmanager
def download_progress(name: str) -> Iterator[OnDownload]:
    """A function to call with the bytes that are there, and with all of them where known."""
    with progress_columns() as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
