"""Asking ffprobe what a file is, with limits on time, output and what it may open."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from vlog.errors import NotAVideo
from vlog.ingest.boxes import is_cut_off
from vlog.ingest.probe_model import Probe, parse_probe

# A playlist that calls itself a film would make ffmpeg open whatever it names, on this machine or
# another one. Only real media formats are read, and only from the file itself.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,live_flv,ogg,asf,mxf,rm,dv,nut,"
    "ivf,mpegvideo,h264,hevc,m4v,mp3,wav,w64,flac,aac,ac3,eac3,aiff,ape,caf,amr,wv,tta"
)
COMMON_INPUT_ARGUMENTS = ("-protocol_whitelist", "file", "-format_whitelist", _FORMATS)

_LARGEST_ANSWER = 4 * 1024 * 1024
_CUT_OFF = (
    "This file is cut off: its end is missing. It was probably not copied or uploaded to the end. "
    "Send it again."
)


async def probe(path: Path, *, limit_seconds: float = 30.0) -> Probe:
    """What is in a file.

    Raises:
        NotAVideo: with a sentence that says why this file cannot become a video.
    """
    size = (await asyncio.to_thread(path.stat)).st_size
    if size == 0:
        raise NotAVideo("This file is empty.")
    if await asyncio.to_thread(is_cut_off, path):
        raise NotAVideo(_CUT_OFF)
    answer, complaint = await _ask(path, limit_seconds)
    if "moov atom not found" in complaint:
        raise NotAVideo(_CUT_OFF)
    if not answer.get("streams") and not answer.get("format"):
        raise NotAVideo("This is not a video or a sound that VLog can read.")
    found = parse_probe(answer)
    if found.duration <= 0 and found.video is None:
        raise NotAVideo("There is nothing to hear in this file: it has no length.")
    return found


async def _ask(path: Path, limit_seconds: float) -> tuple[dict[str, Any], str]:
    process = await asyncio.create_subprocess_exec(
        *("ffprobe", "-v", "error", *COMMON_INPUT_ARGUMENTS),
        *("-show_format", "-show_streams", "-of", "json", str(path)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(limit_seconds):
            answer, complaint = await asyncio.gather(_read(process.stdout), _read(process.stderr))
            await process.wait()
    except TimeoutError as error:
        raise NotAVideo(
            "It took too long to look into this file. It may be damaged, or the disk is very slow."
        ) from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())
    try:
        parsed = json.loads(answer or b"{}")
    except ValueError:
        parsed = {}
    return (parsed if isinstance(parsed, dict) else {}), complaint.decode(errors="replace")


async def _read(stream: asyncio.StreamReader) -> bytes:
    """Everything up to the limit; what comes after is read and thrown away."""
    kept = bytearray()
    while chunk := await stream.read(65_536):
        if len(kept) < _LARGEST_ANSWER:
            kept += chunk
    return bytes(kept)
