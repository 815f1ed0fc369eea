"""Playlists from the catalog to the models."""

from __future__ import annotations

from vlog.catalog import playlists
from vlog.database.schema import Playlist
from vlog.web import queries
from vlog.web.models.playlists import PlaylistDetail, PlaylistList, PlaylistOut
from vlog.web.models.videos import VideoOut
from vlog.web.services import Services


async def all_playlists(services: Services, *, public: bool) -> PlaylistList:
    """Every playlist that the asker may see in a list."""
    async with services.database.read() as session:
        found = await playlists.all_with_counts(session, public=public)
    return PlaylistList(
        playlists=[
            PlaylistOut.model_validate(_values(item.playlist, item.video_count)) for item in found
        ]
    )


async def watchable_playlist(services: Services, slug: str) -> PlaylistDetail:
    """A playlist for who knows its address. Raises NotFound."""
    async with services.database.read() as session:
        playlist = await playlists.by_slug(session, slug)
        items = await playlists.videos_of(session, playlist, public=True)
        videos = await queries.videos_out(services, session, items, public=True)
    return _detail(playlist, videos)


async def admin_playlist(services: Services, playlist_id: int) -> PlaylistDetail:
    """A playlist with all its videos. Raises NotFound."""
    async with services.database.read() as session:
        playlist = await playlists.require(session, playlist_id)
        items = await playlists.videos_of(session, playlist, public=False)
        videos = await queries.videos_out(services, session, items, public=False)
    return _detail(playlist, videos)


def _detail(playlist: Playlist, videos: list[VideoOut]) -> PlaylistDetail:
    return PlaylistDetail.model_validate(_values(playlist, len(videos)) | {"videos": videos})


def _values(playlist: Playlist, count: int) -> dict[str, object]:
    return {
        "id": playlist.id,
        "title": playlist.title,
        "slug": playlist.slug,
        "description": playlist.description,
        "visibility": playlist.visibility,
        "video_count": count,
        "created_at": playlist.created_at,
        "updated_at": playlist.updated_at,
        "url": f"/playlist/{playlist.slug}",
    }
