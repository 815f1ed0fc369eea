"""The API of playlists, on both ports."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vlog.catalog import playlists
from vlog.errors import Conflict, Invalid, NotFound
from vlog.web import playlist_queries
from vlog.web.models.playlists import (
    NewPlaylist,
    PlaylistAddition,
    PlaylistChange,
    PlaylistDetail,
    PlaylistList,
    PlaylistOrder,
)
from vlog.web.operations import Operation
from vlog.web.services import services_of
from vlog.web.sharing import HIDDEN


async def list_playlists(request: Request) -> PlaylistList:
    """Every public playlist that has videos."""
    return await playlist_queries.all_playlists(services_of(request), public=True)


async def get_playlist(request: Request) -> Response:
    """One playlist and its videos."""
    found = await playlist_queries.watchable_playlist(
        services_of(request), request.path_params["slug"]
    )
    headers = {} if found.visibility == "public" else dict(HIDDEN)
    return JSONResponse(found.model_dump(mode="json"), headers=headers)


async def list_all_playlists(request: Request) -> PlaylistList:
    """Every playlist."""
    return await playlist_queries.all_playlists(services_of(request), public=False)


async def add_playlist(request: Request, *, body: NewPlaylist) -> PlaylistDetail:
    """Add an empty playlist."""
    services = services_of(request)
    made = await services.database.write(
        lambda session: playlists.add(session, body.title, body.description, body.visibility),
        name="add playlist",
    )
    return await playlist_queries.admin_playlist(services, made.id)


async def get_any_playlist(request: Request) -> PlaylistDetail:
    """One playlist and its videos."""
    return await playlist_queries.admin_playlist(
        services_of(request), request.path_params["playlist_id"]
    )


async def change_playlist(request: Request, *, body: PlaylistChange) -> PlaylistDetail:
    """Change title, description or visibility; what is left out stays."""
    services, playlist_id = services_of(request), request.path_params["playlist_id"]
    changes = body.model_dump(exclude_unset=True)
    for key, value in changes.items():
        if value is None:
            raise Invalid(f"`{key}` cannot be null. Leave it out to keep what is there.")
    await services.database.write(
        lambda session: playlists.change(session, playlist_id, changes), name="change playlist"
    )
    return await playlist_queries.admin_playlist(services, playlist_id)


async def remove_playlist(request: Request) -> Response:
    """Remove a playlist; its videos stay."""
    playlist_id = request.path_params["playlist_id"]
    await services_of(request).database.write(
        lambda session: playlists.remove(session, playlist_id), name="remove playlist"
    )
    return Response(status_code=204)


async def order_playlist(request: Request, *, body: PlaylistOrder) -> PlaylistDetail:
    """Say which videos a playlist has, and in which order."""
    services, playlist_id = services_of(request), request.path_params["playlist_id"]
    await services.database.write(
        lambda session: playlists.set_videos(session, playlist_id, body.video_ids),
        name="order playlist",
    )
    return await playlist_queries.admin_playlist(services, playlist_id)


async def add_to_playlist(request: Request, *, body: PlaylistAddition) -> PlaylistDetail:
    """Put a video at the end of a playlist."""
    services, playlist_id = services_of(request), request.path_params["playlist_id"]
    await services.database.write(
        lambda session: playlists.add_video(session, playlist_id, body.video_id),
        name="add to playlist",
    )
    return await playlist_queries.admin_playlist(services, playlist_id)


async def take_from_playlist(request: Request) -> PlaylistDetail:
    """Take a video out of a playlist."""
    services, playlist_id = services_of(request), request.path_params["playlist_id"]
    video_id = request.path_params["video_id"]
    await services.database.write(
        lambda session: playlists.remove_video(session, playlist_id, video_id),
        name="take from playlist",
    )
    return await playlist_queries.admin_playlist(services, playlist_id)


_TAGS = ("playlists",)
_ALL = "/api/playlists"
_ONE = f"{_ALL}/{{playlist_id:int}}"

PUBLIC_PLAYLIST_API = [
    Operation(
        "GET",
        _ALL,
        list_playlists,
        summary="List playlists",
        response=PlaylistList,
        tags=_TAGS,
    ),
    Operation(
        "GET",
        f"{_ALL}/{{slug}}",
        get_playlist,
        summary="Get a playlist",
        response=PlaylistDetail,
        tags=_TAGS,
        errors=(NotFound,),
    ),
]

ADMIN_PLAYLIST_API = [
    Operation(
        "GET",
        _ALL,
        list_all_playlists,
        summary="List playlists",
        response=PlaylistList,
        tags=_TAGS,
    ),
    Operation(
        "POST",
        _ALL,
        add_playlist,
        summary="Add a playlist",
        body=NewPlaylist,
        response=PlaylistDetail,
        status=201,
        tags=_TAGS,
        errors=(Invalid,),
    ),
    Operation(
        "GET",
        _ONE,
        get_any_playlist,
        summary="Get a playlist",
        response=PlaylistDetail,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation(
        "PUT",
        _ONE,
        change_playlist,
        summary="Change a playlist",
        body=PlaylistChange,
        response=PlaylistDetail,
        tags=_TAGS,
        errors=(NotFound, Invalid),
    ),
    Operation(
        "DELETE",
        _ONE,
        remove_playlist,
        summary="Remove a playlist",
        status=204,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation(
        "PUT",
        f"{_ONE}/videos",
        order_playlist,
        summary="Say which videos a playlist has, in order",
        body=PlaylistOrder,
        response=PlaylistDetail,
        tags=_TAGS,
        errors=(NotFound, Invalid),
    ),
    Operation(
        "POST",
        f"{_ONE}/videos",
        add_to_playlist,
        summary="Put a video at the end of a playlist",
        body=PlaylistAddition,
        response=PlaylistDetail,
        status=201,
        tags=_TAGS,
        errors=(NotFound, Conflict, Invalid),
    ),
    Operation(
        "DELETE",
        f"{_ONE}/videos/{{video_id:int}}",
        take_from_playlist,
        summary="Take a video out of a playlist",
        response=PlaylistDetail,
        tags=_TAGS,
        errors=(NotFound,),
    ),
]
