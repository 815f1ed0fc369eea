"""Letting others carry the segments: a proxy that sends files by itself, or a CDN."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

from vlog.errors import NotFound, Unavailable
from vlog.settings import DeliverySettings
from vlog.web.conditions import is_known

_MAP = re.compile(r'^(#EXT-X-MAP:.*?\bURI=")([^":/]+)(")', re.MULTILINE)
_SEGMENT = re.compile(r"^(?!#)[^\s:/]+\.(?:ts|m4s)$", re.MULTILINE)
# The place in a proxy's configuration that visitors cannot ask for (nginx: `internal`).
INTERNAL_PREFIX = "/vlog-media/"


def hand_over(settings: DeliverySettings, path: Path, videos: Path) -> dict[str, str]:
    """The header that makes a proxy send a file itself; empty where none is asked to.

    Args:
        settings: which header the proxy understands.
        path: the file.
        videos: the folder that the proxy sends from.
    """
    if settings.send_file == "x-accel-redirect":
        return {"x-accel-redirect": INTERNAL_PREFIX + quote(str(path.relative_to(videos)))}
    if settings.send_file == "x-sendfile":
        return {"x-sendfile": quote(str(path.absolute()))}
    return {}


def names_segments(path: Path) -> bool:
    """Whether a file is a playlist of segments of picture or sound, by its name."""
    return path.suffix == ".m3u8" and not path.name.startswith(("master", "captions"))


async def playlist_from_cdn(
    path: Path, folder: str, headers: Mapping[str, str], asked: Mapping[str, str]
) -> Response:
    """A playlist that sends players elsewhere for its segments. Raises NotFound, Unavailable.

    Args:
        path: the playlist.
        folder: address of its folder at the CDN.
        headers: of the answer.
        asked: headers of the request, by lower-case name.
    """
    try:
        text = await asyncio.to_thread(path.read_text, "utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFound from error
    except OSError as error:
        raise Unavailable("The storage does not answer now. Try again in a moment.") from error
    content = from_cdn(text, folder).encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    given = {**headers, "etag": etag}
    if is_known(asked, etag, ""):
        return Response(status_code=304, headers=given)
    return Response(content, headers=given)


def from_cdn(playlist: str, folder: str) -> str:
    """A media playlist (RFC 8216 4.3) whose segments and init sections come from elsewhere.

    Args:
        playlist: its text, with addresses relative to itself.
        folder: address of the same folder at the CDN, with a slash at the end.
    """
    with_maps = _MAP.sub(lambda match: f"{match[1]}{folder}{match[2]}{match[3]}", playlist)
    return _SEGMENT.sub(lambda match: folder + match[0], with_maps)
