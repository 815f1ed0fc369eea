"""The site's logo: whatever picture was sent is decoded and written anew, small and plain.

What is served is our own PNG, so nothing that somebody hid in a file reaches a visitor.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from vlog.catalog.site_pictures import LOGO
from vlog.database.schema import SitePicture
from vlog.errors import Invalid
from vlog.transcoding.process import ProcessFailed, Watch, run

LARGEST_BYTES = 2 * 1024 * 1024
# Twice the largest size in which it is shown, in pixels.
MOST_WIDTH, MOST_HEIGHT = 480, 96
_MOST_PIXELS = 40_000_000
_LIMIT_SECONDS = 20.0
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png_pipe", b"\xff\xd8\xff": "jpeg_pipe", b"GIF8": "gif"}
_NOT_A_PICTURE = "The logo must be a PNG, JPEG, WebP or GIF file. An SVG can hold scripts."


async def make_logo(content: bytes) -> SitePicture:
    """A picture for the header. Raises Invalid where the file is none."""
    form = _format_of(content)
    with tempfile.TemporaryDirectory(prefix="vlog-logo-") as name:
        source, target = Path(name) / "sent", Path(name) / "logo.png"
        await asyncio.to_thread(source.write_bytes, content)
        try:
            async with asyncio.timeout(_LIMIT_SECONDS):
                await run(logo_command(form, source, target), Watch(_LIMIT_SECONDS))
            made = await asyncio.to_thread(target.read_bytes)
        except (ProcessFailed, TimeoutError, FileNotFoundError) as error:
            if isinstance(error, ProcessFailed) and error.disk_full:
                raise
            raise Invalid(
                "This picture could not be read. It may be damaged or too large."
            ) from error
    width, height = (int.from_bytes(made[at : at + 4], "big") for at in (16, 20))
    return SitePicture(name=LOGO, media_type="image/png", width=width, height=height, content=made)


def logo_command(form: str, source: Path, target: Path) -> list[str]:
    """Decode one picture of a known format and write it as a PNG without any notes."""
    fitted = f"w='min(iw,{MOST_WIDTH})':h='min(ih,{MOST_HEIGHT})'"
    scale = f"scale={fitted}:force_original_aspect_ratio=decrease:flags=lanczos"
    return [
        *("ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file"),
        *("-max_pixels", str(_MOST_PIXELS), "-f", form, "-i", f"file:{source}"),
        *("-map", "0:v:0", "-map_metadata", "-1", "-vf", f"{scale},format=rgba"),
        *("-frames:v", "1", "-f", "image2", "-update", "1", str(target)),
    ]


def _format_of(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp_pipe"
    for signature, form in _SIGNATURES.items():
        if content.startswith(signature):
            return form
    raise Invalid(_NOT_A_PICTURE)
