"""Asking ffprobe what a file is, with limits on time, output and what it may open."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from vlog.errors import NotAVideo, Unavailable
from vlog.ingest import boxes, ebml
from vlog.ingest.probe_model import Probe, check_bounds, parse_probe
from vlog.logs import get_logger
from vlog.process.child_limits import limited

log = get_logger(__name__)

# A playlist that calls itself a film would make ffmpeg open whatever it names, on this machine or
# another one. Only real media formats are read, and only from the file itself.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,live_flv,ogg,asf,mxf,rm,dv,nut,"
    "ivf,mpegvideo,h264,hevc,m4v,mp3,wav,w64,flac,aac,ac3,eac3,aiff,ape,caf,amr,wv,tta"
)
COMMON_INPUT_ARGUMENTS = ("-protocol_whitelist", "file", "-format_whitelist", _FORMATS)

# A file of 8192 x 8192 pixels took 0.35 GiB and 0.3 s.
_MOST_MEMORY = 1024**3
_MOST_CPU_SECONDS = 60
_LARGEST_ANSWER = 4 * 1024 * 1024
# A process that waits for a dead disk does not even end when it is killed.
_END_SECONDS = 5.0
_CUT_OFF = (
    "This file is cut off: its end is missing. It was probably not copied or uploaded to the end. "
    "Send it again."
)
_PLAYLIST = (
    "This is a playlist: a list of addresses and not the video itself. Send the video's own file."
)
_PICTURE = "This is a picture and not a video."
_REFUSED_FORMAT = re.compile(r"\[(\w+) @ [^\]]*\] Format not on whitelist")
_PLAYLIST_FORMATS = ("hls", "dash", "concat", "imf", "webm_dash_manifest", "ffmetadata")


class ProbeTimeout(NotAVideo):
    """It took too long to look into this file. It may be damaged, or the disk is very slow."""


class ProbeCrashed(Unavailable):
    """ffprobe crashed while it looked into this file. Try again; the file may be damaged."""

    code = "probe_crashed"


async def probe(path: Path, *, limit_seconds: float = 30.0) -> Probe:
    """What is in a file.

    Raises:
        NotAVideo: with a sentence that says why this file cannot become a video.
        ProbeTimeout: nobody knows, because looking took longer than `limit_seconds`.
        Unavailable: there is no ffprobe, or it crashed.
        OSError: the file is not there or may not be read.
    """
    try:
        async with asyncio.timeout(limit_seconds):
            await asyncio.to_thread(_check_whole, path)
            answer, complaint = await _ask(path)
    except TimeoutError as error:
        raise ProbeTimeout from error
    if not answer.get("streams") and not answer.get("format"):
        raise NotAVideo(_explained(complaint))
    found = parse_probe(answer)
    check_bounds(found)
    if found.duration <= 0 and found.video is None:
        raise NotAVideo("There is nothing to hear in this file: it has no length.")
    return found


def _check_whole(path: Path) -> None:
    if path.stat().st_size == 0:
        raise NotAVideo("This file is empty.")
    if boxes.is_cut_off(path) or ebml.is_cut_off(path):
        raise NotAVideo(_CUT_OFF)


def _explained(complaint: str) -> str:
    refused = _REFUSED_FORMAT.search(complaint)
    name = refused.group(1) if refused else ""
    if name in _PLAYLIST_FORMATS:
        return _PLAYLIST
    if name.startswith("image2") or name.endswith("_pipe") or name in ("gif", "apng"):
        return _PICTURE
    return "This is not a video or a sound that VLog can read."


async def _ask(path: Path) -> tuple[dict[str, Any], str]:
    """ffprobe's answer, empty where it is none, and what it complained about."""
    tool = shutil.which("ffprobe")
    if tool is None:
        raise Unavailable("ffprobe is missing. Install ffmpeg, then try again.")
    process = await asyncio.create_subprocess_exec(
        *limited(_MOST_MEMORY, _MOST_CPU_SECONDS),
        *(tool, "-v", "error", *COMMON_INPUT_ARGUMENTS),
        *("-show_format", "-show_streams", "-show_chapters", "-of", "json", f"file:{path}"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        answer, complaint = await asyncio.gather(_read(process.stdout), _read(process.stderr))
        await process.wait()
    finally:
        await _end(process)
    if process.returncode is not None and process.returncode < 0:
        raise ProbeCrashed
    try:
        parsed = json.loads(answer or b"{}")
    except ValueError:
        parsed = {}
    return (parsed if isinstance(parsed, dict) else {}), complaint.decode(errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill what still runs, with everything it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.returncode is not None:
        return
    try:
        async with asyncio.timeout(_END_SECONDS):
            await process.wait()
    except TimeoutError:
        log.warning(
            "ffprobe does not end: the disk it reads from does not answer.",
            action="probe_stuck",
            process_id=process.pid,
        )


async def _read(stream: asyncio.StreamReader) -> bytes:
    """Everything up to the limit; what comes after is read and thrown away."""
    kept = bytearray()
    while chunk := await stream.read(65_536):
        if len(kept) < _LARGEST_ANSWER:
            kept += chunk
    return bytes(kept)
