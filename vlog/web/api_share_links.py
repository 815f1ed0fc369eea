"""The admin API of share links."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog import share_links
from vlog.errors import Invalid, NotFound
from vlog.web import admin_queries
from vlog.web.models.share_links import NewShareLink, ShareLinkList, ShareLinkOut
from vlog.web.operations import Operation
from vlog.web.services import services_of
from vlog.web.sharing import share_link_out


async def list_share_links(request: Request) -> ShareLinkList:
    """Every link to one video, the newest first."""
    services, video_id = services_of(request), request.path_params["video_id"]
    video = await admin_queries.admin_video(services, video_id)
    async with services.database.read() as session:
        links = await share_links.of_video(session, video_id)
    return ShareLinkList(share_links=[share_link_out(video.slug, link) for link in links])


async def make_share_link(request: Request, *, body: NewShareLink) -> ShareLinkOut:
    """Make a link that shows one video to who has it."""
    services, video_id = services_of(request), request.path_params["video_id"]
    made = await services.database.write(
        lambda session: share_links.make(session, video_id, body.expires_at, body.note),
        name="make share link",
    )
    video = await admin_queries.admin_video(services, video_id)
    return share_link_out(video.slug, made)


async def revoke_share_link(request: Request) -> Response:
    """End a link at once."""
    video_id, link_id = request.path_params["video_id"], request.path_params["link_id"]
    await services_of(request).database.write(
        lambda session: share_links.revoke(session, video_id, link_id), name="revoke share link"
    )
    return Response(status_code=204)


_LINKS = "/api/videos/{video_id:int}/share-links"
_TAGS = ("share links",)

SHARE_LINK_API = [
    Operation(
        "GET",
        _LINKS,
        list_share_links,
        summary="List the share links of a video",
        response=ShareLinkList,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation(
        "POST",
        _LINKS,
        make_share_link,
        summary="Make a share link",
        body=NewShareLink,
        response=ShareLinkOut,
        status=201,
        tags=_TAGS,
        errors=(NotFound, Invalid),
    ),
    Operation(
        "DELETE",
        f"{_LINKS}/{{link_id:int}}",
        revoke_share_link,
        summary="Revoke a share link",
        status=204,
        tags=_TAGS,
        errors=(NotFound,),
    ),
]
