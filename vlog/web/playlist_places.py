"""Where a video that is watched stands in a playlist."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from vlog.errors import NotFound
from vlog.web import playlist_queries
from vlog.web.models.playlists import PlaylistDetail
from vlog.web.models.videos import VideoOut
from vlog.web.services import services_of


@dataclass(frozen=True)
class PlaylistPlace:
    """Where a video stands in a playlist; the addresses of the videos stay in it."""

    playlist: PlaylistDetail
    videos: list[VideoOut]
    index: int

    @property
    def next(self) -> VideoOut | None:
        """What comes after it."""
        return self.videos[self.index + 1] if self.index + 1 < len(self.videos) else None


def within(playlist: PlaylistDetail) -> list[VideoOut]:
    """The videos of a playlist, with addresses that stay in it."""
    query = urlencode({"list": playlist.slug})
    return [
        video.model_copy(update={"watch_url": f"{video.watch_url}?{query}"})
        for video in playlist.videos
    ]


async def place_of(request: Request, video: VideoOut) -> PlaylistPlace | None:
    """Where the video stands in the playlist that the address names, if there is such a place."""
    slug = request.query_params.get("list")
    if not slug:
        return None
    try:
        playlist = await playlist_queries.watchable_playlist(services_of(request), slug)
    except NotFound:
        return None
    ids = [item.id for item in playlist.videos]
    if video.id not in ids:
        return None
    return PlaylistPlace(playlist, within(playlist), ids.index(video.id))
