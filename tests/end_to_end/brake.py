"""An ffmpeg that encodes slowly, or waits, without keeping the processor busy meanwhile."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

# What begins at the start of a film is never slowed: only what has gone on is met in its middle.
_SCRIPT = """#!/bin/sh
case "$*" in
*-ss*libx264*)
  while [ -e '{folder}/held' ]; do sleep 0.1; done
  [ -e '{folder}/rate' ] && exec '{real}' -readrate "$(cat '{folder}/rate')" "$@"
  ;;
esac
exec '{real}' "$@"
"""


class Brake:
    """On what a server encodes after the first part of a film, for as long as it is pulled.

    The first tool on the path of a server that is started with `settings`; everything else that
    it does is as quick as ever. One core works, so that the parts are made one after the other.
    """

    def __init__(self, folder: Path) -> None:
        real = shutil.which("ffmpeg")
        assert real is not None
        self._folder = folder
        folder.mkdir()
        script = folder / "ffmpeg"
        script.write_text(_SCRIPT.format(folder=folder, real=real))
        script.chmod(0o755)
        self.settings = {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "VLOG_TRANSCODING__PARALLELISM": "1",
            # With pictures out of order, over whose borders parts have to be joined.
            "VLOG_TRANSCODING__PRESET": "veryfast",
        }

    def slow(self, rate: float) -> None:
        """From now on read so many seconds of a film in each second."""
        (self._folder / "rate").write_text(f"{rate}")

    def hold(self) -> None:
        """From now on do not even begin."""
        (self._folder / "held").touch()

    def begin(self) -> None:
        """Let begin what was held."""
        (self._folder / "held").unlink()

    def release(self) -> None:
        """Slow nothing that begins from now on."""
        (self._folder / "rate").unlink()
