"""The player on other sites: how they find it (oEmbed) and which of them may show it."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import unquote, urlsplit

from markupsafe import escape
from pydantic import BaseModel, Field

from vlog.errors import NotFound
from vlog.web.models.videos import VideoOut

_PAGE = re.compile(r"/(?:watch|embed)/([^/]+)/?")
WIDTH, HEIGHT = 640, 360
_NO_VIDEO = "There is no video of this site at that address."
# What a frame must be allowed for the player to be whole.
_ALLOW = "autoplay; fullscreen; picture-in-picture"


class OEmbedQuery(BaseModel):
    """The question of an oEmbed consumer."""

    url: str = Field(max_length=2000, description="Address of a watch page")
    format: Literal["json"] = "json"
    maxwidth: int | None = Field(None, ge=1, le=10_000, description="Pixels")
    maxheight: int | None = Field(None, ge=1, le=10_000, description="Pixels")


class OEmbedOut(BaseModel):
    """The answer, https://oembed.com section 2.3. Sizes in pixels."""

    version: Literal["1.0"] = "1.0"
    type: Literal["video"] = "video"
    provider_name: str
    provider_url: str
    title: str
    html: str
    width: int
    height: int
    thumbnail_url: str | None = None
    cache_age: int = 3600


def embed_code(base: str, video: VideoOut, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The HTML that shows a video on another page."""
    return (
        f'<iframe src="{base}/embed/{video.slug}" width="{width}" height="{height}" '
        f'title="{escape(video.title)}" allow="{_ALLOW}" allowfullscreen loading="lazy" '
        'style="border:0;max-width:100%;aspect-ratio:'
        f'{width}/{height};height:auto"></iframe>'
    )


def slug_in(address: str, base: str) -> str:
    """The video that an address of this site shows. Raises NotFound for any other address."""
    own = urlsplit(base)
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise NotFound(_NO_VIDEO) from error
    match = _PAGE.fullmatch(parts.path.removeprefix(own.path))
    if parts.netloc.lower() != own.netloc.lower() or match is None:
        raise NotFound(_NO_VIDEO)
    return unquote(match.group(1))


def oembed(video: VideoOut, query: OEmbedQuery, base: str, site: str) -> OEmbedOut:
    """A video as oEmbed describes it, no larger than what was asked for."""
    width, height = fitted(video, query.maxwidth or WIDTH, query.maxheight)
    return OEmbedOut(
        provider_name=site,
        provider_url=f"{base}/",
        title=video.title,
        html=embed_code(base, video, width, height),
        width=width,
        height=height,
        thumbnail_url=base + video.thumbnail_url if video.thumbnail_url else None,
    )


def fitted(video: VideoOut, width: int, height: int | None = None) -> tuple[int, int]:
    """The largest size within some limits in the shape of the video."""
    shape = HEIGHT / WIDTH
    if video.source_width and video.source_height:
        shape = video.source_height / video.source_width
    if height is not None and width * shape > height:
        width = max(1, round(height / shape))
    return width, max(1, round(width * shape))
