"""Playlists: videos in an order that somebody chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import videos
from vlog.catalog.slugs import make_slug, next_free
from vlog.catalog.videos import ListedVideo
from vlog.catalog.visibility import is_listed, is_public, is_watchable
from vlog.database.schema import Playlist, PlaylistItem, Video
from vlog.database.types import now
from vlog.errors import Conflict, Invalid, NotFound

PlaylistVisibility = Literal["public", "unlisted", "private"]

MOST_VIDEOS = 500


@dataclass(frozen=True)
class PlaylistWithCount:
    """A playlist and how many of its videos the asker may see."""

    playlist: Playlist
    video_count: int


async def all_with_counts(session: AsyncSession, *, public: bool) -> list[PlaylistWithCount]:
    """Every playlist by title; for the public those that are public and not empty."""
    statement = (
        select(Playlist, func.count(Video.id))
        .outerjoin(PlaylistItem, PlaylistItem.playlist_id == Playlist.id)
        .outerjoin(
            Video, (Video.id == PlaylistItem.video_id) & (is_public() if public else is_listed())
        )
        .group_by(Playlist.id)
        .order_by(Playlist.title, Playlist.id)
    )
    if public:
        statement = statement.where(Playlist.visibility == "public")
        statement = statement.having(func.count(Video.id) > 0)
    return [PlaylistWithCount(*row) for row in await session.execute(statement)]


async def by_slug(session: AsyncSession, slug: str) -> Playlist:
    """A playlist for who knows its address. Raises NotFound."""
    playlist = await session.scalar(
        select(Playlist).where(Playlist.slug == slug, Playlist.visibility != "private")
    )
    if playlist is None:
        raise NotFound("There is no such playlist. It may have been removed.")
    return playlist


async def require(session: AsyncSession, playlist_id: int) -> Playlist:
    """A playlist for the admin. Raises NotFound."""
    playlist = await session.get(Playlist, playlist_id)
    if playlist is None:
        raise NotFound("There is no such playlist. It may have been removed.")
    return playlist


async def videos_of(
    session: AsyncSession, playlist: Playlist, *, public: bool
) -> list[ListedVideo]:
    """What the asker may see of a playlist, in its order.

    Who knows the address of an unlisted playlist gets its unlisted videos, too; a public one leads
    to nothing that is not public.
    """
    return await videos.in_order(
        session,
        select(PlaylistItem.video_id, PlaylistItem.position).where(
            PlaylistItem.playlist_id == playlist.id
        ),
        _shown(playlist) if public else is_listed(),
    )


def _shown(playlist: Playlist) -> ColumnElement[bool]:
    return is_watchable() if playlist.visibility == "unlisted" else is_public()


async def add(
    session: AsyncSession, title: str, description: str, visibility: PlaylistVisibility
) -> Playlist:
    """Add an empty playlist. Raises Invalid."""
    title = _titled(title)
    base = make_slug(title, "playlist")
    taken = set(await session.scalars(select(Playlist.slug).where(Playlist.slug.startswith(base))))
    playlist = Playlist(
        title=title,
        slug=next_free(base, taken),
        description=description.strip(),
        visibility=visibility,
    )
    session.add(playlist)
    await session.flush()
    return playlist


async def change(session: AsyncSession, playlist_id: int, changes: dict[str, Any]) -> None:
    """Change title, description or visibility. Raises NotFound, Invalid."""
    playlist = await require(session, playlist_id)
    if "title" in changes:
        playlist.title = _titled(changes["title"])
    if "description" in changes:
        playlist.description = changes["description"].strip()
    if "visibility" in changes:
        playlist.visibility = changes["visibility"]
    playlist.updated_at = now()


async def remove(session: AsyncSession, playlist_id: int) -> None:
    """Remove a playlist; its videos stay. Raises NotFound."""
    await session.delete(await require(session, playlist_id))


async def set_videos(session: AsyncSession, playlist_id: int, ids: Sequence[int]) -> None:
    """The playlist has just these videos, in this order. Raises NotFound, Invalid."""
    playlist = await require(session, playlist_id)
    ordered = list(dict.fromkeys(ids))
    if len(ordered) > MOST_VIDEOS:
        raise Invalid(f"A playlist can have {MOST_VIDEOS} videos at most.")
    known = set(await session.scalars(select(Video.id).where(Video.id.in_(ordered), is_listed())))
    if missing := [video_id for video_id in ordered if video_id not in known]:
        raise NotFound(f"There is no video {missing[0]}. It may have been removed.")
    ordered = await _with_hidden(session, playlist_id, ordered)
    await session.execute(delete(PlaylistItem).where(PlaylistItem.playlist_id == playlist_id))
    session.add_all(
        PlaylistItem(playlist_id=playlist_id, video_id=video_id, position=position)
        for position, video_id in enumerate(ordered)
    )
    playlist.updated_at = now()


async def add_video(session: AsyncSession, playlist_id: int, video_id: int) -> None:
    """Put a video at the end. Raises NotFound, Invalid, Conflict where it is in there already."""
    ids = await _ids(session, playlist_id)
    if video_id in ids:
        raise Conflict("This video is in the playlist already.")
    await set_videos(session, playlist_id, [*ids, video_id])


async def remove_video(session: AsyncSession, playlist_id: int, video_id: int) -> None:
    """Take a video out. Raises NotFound."""
    ids = await _ids(session, playlist_id)
    if video_id not in ids:
        raise NotFound("This video is not in the playlist. It may have been taken out already.")
    await set_videos(session, playlist_id, [one for one in ids if one != video_id])


async def _with_hidden(session: AsyncSession, playlist_id: int, ids: list[int]) -> list[int]:
    """What is in the trash keeps its place: behind what was before it, or at the beginning."""
    rows = await session.execute(
        select(PlaylistItem.video_id, is_listed())
        .join(Video, Video.id == PlaylistItem.video_id)
        .where(PlaylistItem.playlist_id == playlist_id)
        .order_by(PlaylistItem.position)
    )
    ordered = list(ids)
    place = 0
    for video_id, is_shown in rows:
        if not is_shown:
            ordered.insert(place, video_id)
        if video_id in ordered:
            place = ordered.index(video_id) + 1
    return ordered


async def _ids(session: AsyncSession, playlist_id: int) -> list[int]:
    """The videos of a playlist without those that are on their way out."""
    found = await session.scalars(
        select(PlaylistItem.video_id)
        .join(Video, Video.id == PlaylistItem.video_id)
        .where(PlaylistItem.playlist_id == playlist_id, is_listed())
        .order_by(PlaylistItem.position)
    )
    return list(found)


def _titled(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise Invalid("A playlist needs a title.")
    return title
