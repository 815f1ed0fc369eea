"""yt-dlp as a child that is watched: drained, stopped where it stalls, killed with its group."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import shlex
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vlog.errors import VLogError

# Bytes that are there, and how many there will be, as far as anybody knows.
OnDownload = Callable[[int, int | None], None]

# Putting picture and sound of a long film together says nothing, but the files grow meanwhile.
QUIET_SECONDS = 180.0
_LOOK_SECONDS = 5.0
_END_SECONDS = 5.0
_LAST_LINES = 20
_LONGEST_LINE = 65_536
_PROGRESS = "vlog-progress"
_FIELDS = ("downloaded_bytes", "total_bytes", "total_bytes_estimate")
_NOISE = re.compile(r"^(ERROR|WARNING):\s*(\[[^\]]*\]\s*)?")


class DownloadFailed(VLogError):
    """The video could not be downloaded."""

    code = "download_failed"


@dataclass(frozen=True)
class DownloadWish:
    """What to fetch into `folder`. Whatever `archive` names is not fetched again."""

    url: str
    folder: Path
    archive: Path | None = None
    cookies: Path | None = None
    playlist: bool = False


def require_tool() -> None:
    """Raise DownloadFailed where yt-dlp is not installed."""
    if importlib.util.find_spec("yt_dlp") is None:
        raise DownloadFailed(
            "`vlog download` needs yt-dlp, which is not installed here. Install it with "
            f"`{shlex.quote(sys.executable)} -m pip install yt-dlp`."
        )


def command_of(wish: DownloadWish) -> list[str]:
    """The command line: no file of settings, stable names, and lines that a program reads."""
    template = " ".join(f"%(progress.{name})j" for name in _FIELDS)
    return [
        *(sys.executable, "-m", "yt_dlp", "--ignore-config", "--no-cache-dir"),
        *("--paths", str(wish.folder), "--restrict-filenames"),
        *("--output", "%(extractor).40B-%(id).80B.%(ext)s"),
        *("--quiet", "--no-simulate", "--progress", "--newline", "--no-color"),
        *("--progress-template", f"download:{_PROGRESS} {template}"),
        *("--write-info-json", "--no-write-playlist-metafiles", "--no-mtime"),
        *("--write-subs", "--sub-langs", "all,-live_chat", "--sub-format", "vtt/srt/best"),
        *("--embed-chapters", "--socket-timeout", "30"),
        "--yes-playlist" if wish.playlist else "--no-playlist",
        *(("--download-archive", str(wish.archive)) if wish.archive else ()),
        *(("--cookies", str(wish.cookies)) if wish.cookies else ()),
        *("--", wish.url),
    ]


async def download(
    wish: DownloadWish,
    on_progress: OnDownload,
    *,
    command: Sequence[str] | None = None,
    quiet_seconds: float = QUIET_SECONDS,
) -> None:
    """Fetch everything of one address; what an earlier attempt left is gone on with.

    Args:
        wish: what to fetch.
        on_progress: told how far the file is that is fetched now.
        command: what to run instead of yt-dlp.
        quiet_seconds: without a word and a byte for so long, it is stopped.

    Raises:
        DownloadFailed: with the tool's own last words.
    """
    process = await asyncio.create_subprocess_exec(
        *(command or command_of(wish)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    said: deque[str] = deque(maxlen=_LAST_LINES)
    life = _Life(wish.folder)
    readers = [
        asyncio.create_task(_read(process.stdout, _teller(on_progress), life), name="progress"),
        asyncio.create_task(_read(process.stderr, said.append, life), name="complaints"),
    ]
    try:
        await _watched(process, readers, life, quiet_seconds)
    finally:
        await _end(process, readers)
    if process.returncode:
        raise DownloadFailed(f"{wish.url} could not be downloaded. {_last_words(said)}")


class _Life:
    """When there was the last sign of life: a word, or a file that changed its size."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = -1
        self._last = time.monotonic()

    def feel(self) -> None:
        self._last = time.monotonic()

    def quiet_seconds(self) -> float:
        """For how long there has been none. Blocks for a moment."""
        size = 0
        for path in self._folder.iterdir():
            with suppress(OSError):
                size += path.stat().st_size
        if size != self._size:
            self._size = size
            self.feel()
        return time.monotonic() - self._last


async def _watched(
    process: asyncio.subprocess.Process,
    readers: Sequence[asyncio.Task[None]],
    life: _Life,
    quiet_seconds: float,
) -> None:
    waiting = asyncio.create_task(process.wait(), name="wait for the download")
    try:
        while not waiting.done():
            pause = min(_LOOK_SECONDS, quiet_seconds / 4)
            await asyncio.wait({waiting}, timeout=pause)
            if not waiting.done() and await asyncio.to_thread(life.quiet_seconds) > quiet_seconds:
                raise DownloadFailed(
                    f"Nothing came for {quiet_seconds:.0f} seconds, so the download was stopped. "
                    "What has arrived is kept; run the same command again, and it goes on."
                )
        # What it left in its pipes; somebody it started may still hold their other ends.
        await asyncio.wait(readers, timeout=_END_SECONDS)
    finally:
        waiting.cancel()


async def _read(stream: asyncio.StreamReader, tell: Callable[[str], object], life: _Life) -> None:
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            # Longer than anything that is meant for us; it was dropped.
            continue
        if not line:
            return
        life.feel()
        tell(line.decode("utf-8", "replace").rstrip())


def _teller(on_progress: OnDownload) -> Callable[[str], None]:
    def tell(line: str) -> None:
        word, _, rest = line.partition(" ")
        if word != _PROGRESS:
            return
        numbers = [_number(text) for text in rest.split()]
        if len(numbers) != len(_FIELDS):
            return
        done, total, estimate = numbers
        if done is not None:
            on_progress(done, total or estimate)

    return tell


def _number(text: str) -> int | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return int(found) if isinstance(found, int | float) else None


def _last_words(said: deque[str]) -> str:
    errors = [line for line in said if line.startswith("ERROR")] or list(said)
    words = _NOISE.sub("", errors[-1]).strip() if errors else "The tool did not say why."
    return words if words.endswith((".", "!", "?")) else f"{words}."


async def _end(process: asyncio.subprocess.Process, readers: Sequence[asyncio.Task[None]]) -> None:
    """Kill what still runs, with everything it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_SECONDS):
            await process.wait()
