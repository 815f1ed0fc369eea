"""A progress bar for a file that the server copies, where there is a terminal to draw it on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vlog.client.admin_client import AdminClient
from vlog.client.upload_progress import is_shown, progress_bar
from vlog.errors import VLogError

_EVERY_SECONDS = 0.5


@contextmanager
def import_progress(client: AdminClient, path: Path) -> Iterator[None]:
    """Meanwhile the server is asked how far it is. A file that is linked is there at once."""
    if not is_shown():
        yield
        return
    ended = threading.Event()
    with progress_bar(path) as on_progress:

        def watch() -> None:
            while not ended.wait(_EVERY_SECONDS):
                with suppress(VLogError):
                    for one in client.imports()["imports"]:
                        on_progress(one["copied"])

        watcher = threading.Thread(target=watch, name="import progress", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()
