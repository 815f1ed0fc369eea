"""The original of a video, to be downloaded as it came in."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog import videos
from vlog.errors import NotFound, Unavailable
from vlog.storage.condition import STORAGE_AWAY
from vlog.web.media import MediaResponse
from vlog.web.operations import Operation
from vlog.web.services import services_of
from vlog.web.sharing import HIDDEN

_GONE = (
    "The original is not kept: it was removed once everything made of it was checked. With "
    "`[transcoding] keep_source` the originals of videos to come stay."
)
_LOST = "The original is not there any more: somebody may have removed it from the uploads folder."
# RFC 6266, appendix D: what old agents mistake in a quoted name, and what is no plain letter.
_NOT_PLAIN = re.compile(r'[^ -~]|["\\%/:*?<>|;]')
# RFC 8187, attr-char, without the letters and digits that `quote` keeps by itself.
_KEPT = "!#$&+^`|"


async def get_source(request: Request) -> Response:
    """The original file, whole or a range of it."""
    services = services_of(request)
    async with services.database.read() as session:
        listed = await videos.listed_by_id(session, request.path_params["video_id"])
    video = listed.video
    if video.source_name is None or not video.source_present:
        raise NotFound(_GONE)
    name = video.source_filename or video.source_name
    headers = {
        "content-type": "application/octet-stream",
        "content-disposition": attachment(name),
        **HIDDEN,
    }
    path = services.storage.source(video.source_name)
    if not await asyncio.to_thread(path.is_file):
        if await asyncio.to_thread(services.storage.available):
            raise NotFound(_LOST)
        raise Unavailable(STORAGE_AWAY)
    return MediaResponse(path, headers)


def attachment(name: str) -> str:
    """Content-Disposition for a download (RFC 6266): the name for all, and then as it really is.

    Args:
        name: of the file as somebody called it; any folders in it are for nobody's disk.
    """
    base = name.replace("\\", "/").rpartition("/")[2].strip(". ") or "video"
    text = "".join(letter for letter in base if letter.isprintable())
    plain = _NOT_PLAIN.sub("_", text)
    encoded = quote(text.encode("utf-8", "replace"), safe=_KEPT)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


SOURCE_API = [
    Operation(
        "GET",
        "/api/videos/{video_id:int}/source",
        get_source,
        summary="Download the original of a video",
        tags=("videos",),
        errors=(NotFound, Unavailable),
    ),
]
