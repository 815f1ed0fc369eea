"""The key of a share link on its way: from the address of the page to every byte of the video."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vlog.catalog.access import Access
from vlog.catalog.share_links import SharedLink
from vlog.database.types import now
from vlog.web.models.share_links import ShareLinkOut
from vlog.web.services import services_of

# What is not for everybody: no cache keeps it and no search engine lists it.
HIDDEN: Mapping[str, str] = MappingProxyType(
    {"cache-control": "private, no-store", "x-robots-tag": "noindex"}
)
_NAME = "vlog_key"
# Players ask for playlists and segments without the page's query, but with its cookies.
_PATHS = ("/watch", "/videos", "/api/videos")
_LONGEST_SECONDS = 12 * 3600


def key_of(request: Request) -> str | None:
    """The key that came with a request: in the address, or in the video's own cookie."""
    return request.query_params.get("key") or request.cookies.get(_NAME)


def keep_key(request: Request, response: Response, slug: str, access: Access) -> None:
    """Let the browser send the key for this video, and for nothing else, for some hours."""
    if access.key is None:
        return
    left = access.key.expires - int(now().timestamp())
    configured = services_of(request).settings.public.base_url
    for path in _PATHS:
        response.set_cookie(
            _NAME,
            access.key.text,
            max_age=max(1, min(left, _LONGEST_SECONDS)),
            path=f"{path}/{slug}",
            secure=(configured or str(request.base_url)).startswith("https:"),
            httponly=True,
            samesite="lax",
        )


def guarded(model: BaseModel, access: Access) -> Response:
    """JSON that nobody keeps where the video is not for everybody."""
    headers = {} if access.public else dict(HIDDEN)
    return JSONResponse(model.model_dump(mode="json"), headers=headers)


def share_link_out(slug: str, shared: SharedLink) -> ShareLinkOut:
    """A share link as JSON."""
    link = shared.link
    return ShareLinkOut(
        id=link.id,
        note=link.note,
        watch_url=f"/watch/{slug}?{urlencode({'key': shared.key.text})}",
        created_at=link.created_at,
        expires_at=link.expires_at,
        expired=link.expires_at <= now(),
    )
