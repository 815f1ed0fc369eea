"""The programs and libraries that VLog works with."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

from vlog.doctor.findings import Finding, broken, warning, well
from vlog.process.child_limits import DEATH_SIGNAL, usable
from vlog.process.tools import missing_tools
from vlog.settings import Settings
from vlog.transcoding.encoder_support import find_encoders
from vlog.transcription.models import why_unusable

_OLDEST_PYTHON = (3, 11)
# ALTER TABLE ... DROP COLUMN, which migrations need.
_OLDEST_SQLITE = (3, 35)
_OLDEST_FFMPEG = (5, 1)
_SECONDS = 15.0
_NEEDED_ENCODERS = ("libx264", "aac", "mjpeg")
_VERSION = re.compile(r"version n?(\d+)\.(\d+)")


def python() -> Finding:
    """The interpreter that runs this."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        return broken("python", f"Python is {version}.", "Install Python 3.11 or newer.")
    return well("python", f"Python is {version}.")


def sqlite() -> Finding:
    """The library under the database, with the full-text search that it must have."""
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        return broken(
            "sqlite",
            f"SQLite is {version}, which is too old for the migrations.",
            "Use a Python with SQLite 3.35 or newer.",
        )
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE VIRTUAL TABLE trial USING fts5(text)")
    except sqlite3.Error:
        return broken(
            "sqlite",
            f"SQLite {version} was built without full-text search (FTS5).",
            "Use the Python of your distribution, or one whose SQLite has FTS5.",
        )
    return well("sqlite", f"SQLite is {version} and has full-text search.")


def ffmpeg() -> Finding:
    """Whether ffmpeg and ffprobe are there, new enough, and can encode."""
    for tool in missing_tools():
        return broken(
            "ffmpeg", f"{tool} is not installed, so no video can be made.", _install("ffmpeg")
        )
    said = _output("ffmpeg", "-hide_banner", "-version")
    found = _VERSION.search(said)
    name = said.partition(" Copyright")[0].strip() or "ffmpeg"
    encoders = _output("ffmpeg", "-hide_banner", "-encoders")
    missing = [one for one in _NEEDED_ENCODERS if f" {one} " not in encoders]
    if missing:
        return broken(
            "ffmpeg",
            f"{name} cannot encode with {', '.join(missing)}.",
            "Install the ffmpeg of your distribution, which has them.",
        )
    if found and (int(found[1]), int(found[2])) < _OLDEST_FFMPEG:
        return warning(
            "ffmpeg",
            f"{name} is older than the oldest that VLog was tried with (5.1).",
            "Install a newer ffmpeg if videos fail.",
        )
    return well("ffmpeg", f"{name} encodes H.264, AAC and pictures.")


def encoders(settings: Settings) -> Finding:
    """What is wished for beyond H.264 in software: really tried with a few frames."""
    wishes = settings.transcoding
    if wishes.encoder == "software" and len(wishes.codecs) == 1:
        return well("encoders", "H.264 is encoded in software, as configured.")
    if shutil.which("ffmpeg") is None:
        return broken("encoders", "Nothing can be encoded without ffmpeg.", _install("ffmpeg"))
    found = asyncio.run(find_encoders(wishes))
    sentence = " ".join(found.sentences)
    as_wished = len(found.codecs) == len(wishes.codecs) and (
        wishes.encoder == "software" or found.encoder != "software"
    )
    if as_wished:
        return well("encoders", sentence)
    return warning(
        "encoders",
        sentence,
        "Change `[transcoding] codecs` or `encoder`, or install what they need.",
    )


def process_guard() -> Finding:
    """What lets encoders die with VLog, however it ends."""
    if shutil.which("setpriv") is None:
        return warning(
            "setpriv",
            "setpriv is not installed, so an encoder may outlive a VLog that was killed.",
            _install("util-linux"),
        )
    if not usable(DEATH_SIGNAL):
        return warning(
            "setpriv",
            "setpriv fails here, so an encoder may outlive a VLog that was killed.",
            "If a service of your own locks VLog in, let it call capset, as the unit of "
            "`vlog service print` does.",
        )
    return well("setpriv", "Encoders end with VLog, however it ends.")


def speech_model(settings: Settings) -> Finding:
    """Whether the model for captions is there."""
    wishes = settings.transcription
    if not wishes.enabled:
        return well("captions", "Captions are switched off.")
    reason = why_unusable(wishes)
    if reason is None:
        return well("captions", f"The speech model “{wishes.model}” is there.")
    return warning(
        "captions",
        reason,
        f"Run `vlog models fetch {wishes.model}`, or set `[transcription] enabled` to false.",
    )


def _install(package: str) -> str:
    return f"Install it, such as with `apt install {package}`."


def _output(*command: str) -> str:
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout
