"""The tools that VLog calls, as they say of themselves. Blocks for as long as they take."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

NEEDED_ENCODERS = ("libx264", "aac", "mjpeg")
_LIMIT_SECONDS = 10.0
_VERSION = re.compile(r"^ffmpeg version (\S+)")
_ENCODER = re.compile(r"^ [A-Z.]{6} (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Ffmpeg:
    """The version, and the names of all encoders."""

    version: str
    encoders: frozenset[str]

    @property
    def missing(self) -> list[str]:
        """The encoders without which no video can be made."""
        return [name for name in NEEDED_ENCODERS if name not in self.encoders]


def missing_tools() -> list[str]:
    """Which of the programs that every video needs are not installed."""
    return [name for name in ("ffmpeg", "ffprobe") if shutil.which(name) is None]


def ffmpeg() -> Ffmpeg | None:
    """The ffmpeg that is used; None where none answers."""
    said, listed = _said("ffmpeg", "-version"), _said("ffmpeg", "-hide_banner", "-encoders")
    if said is None or listed is None:
        return None
    found = _VERSION.search(said)
    return Ffmpeg(found[1] if found else "unknown", frozenset(_ENCODER.findall(listed)))


def _said(*command: str) -> str | None:
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ended.stdout
