"""The admin's pages of playlists."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vlog.web import playlist_queries
from vlog.web.pages import public_site, render
from vlog.web.services import services_of


def admin_playlist_page_routes() -> list[Route]:
    """The pages of the admin panel."""
    return [
        Route("/playlists", admin_playlists, name="admin_playlists"),
        Route("/playlists/{playlist_id:int}", admin_playlist, name="admin_playlist"),
    ]


async def admin_playlists(request: Request) -> Response:
    """Every playlist, and adding one."""
    found = await playlist_queries.all_playlists(services_of(request), public=False)
    return render(
        request,
        "admin/playlists.html",
        here="playlists",
        playlists=found.playlists,
        public_base=public_site(request),
    )


async def admin_playlist(request: Request) -> Response:
    """One playlist: its texts, and its videos in order."""
    return render(
        request,
        "admin/playlist.html",
        here="playlists",
        playlist=await playlist_queries.admin_playlist(
            services_of(request), request.path_params["playlist_id"]
        ),
        public_base=public_site(request),
    )
