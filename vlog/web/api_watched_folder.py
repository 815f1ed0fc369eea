"""The admin API: the watched folder."""

from __future__ import annotations

from starlette.requests import Request

from vlog.web.models.health import RefusedFileOut, WatchedFolderOut
from vlog.web.operations import Operation
from vlog.web.services import services_of


async def get_watched_folder(request: Request) -> WatchedFolderOut:
    """The watched folder and what was not taken from it."""
    folder = services_of(request).watched_folder
    refused = folder.refused() if folder else []
    return WatchedFolderOut(
        enabled=folder is not None,
        path_hint="uploads/",
        refused=[RefusedFileOut(name=item.name, reason=item.reason) for item in refused],
    )


WATCHED_FOLDER_API = [
    Operation(
        "GET",
        "/api/watched-folder",
        get_watched_folder,
        summary="See the watched folder",
        response=WatchedFolderOut,
        tags=("server",),
    ),
]
