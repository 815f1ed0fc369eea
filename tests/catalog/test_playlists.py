"""Playlists: their order, and who sees what of them."""

from __future__ import annotations

import pytest

from tests.catalog.rows import add_videos
from vlog.catalog import playlists, removal, videos
from vlog.database.engine import Database
from vlog.database.schema import Playlist
from vlog.errors import Conflict, Invalid, NotFound


async def _add(database: Database, title: str, visibility: str = "public") -> Playlist:
    return await database.write(
        lambda s: playlists.add(s, title, "", visibility)  # type: ignore[arg-type]
    )


async def _fill(database: Database, playlist: Playlist, *ids: int) -> None:
    await database.write(lambda s: playlists.set_videos(s, playlist.id, ids))


async def _shown(database: Database, slug: str) -> list[str]:
    async with database.read() as session:
        playlist = await playlists.by_slug(session, slug)
        found = await playlists.videos_of(session, playlist, public=True)
    return [item.video.title for item in found]


async def test_the_order_is_the_one_that_was_chosen(database: Database) -> None:
    ids = await add_videos(database, ["A", "B", "C", "D"])
    playlist = await _add(database, "  My \n course ")
    assert (playlist.title, playlist.slug) == ("My course", "my-course")
    chosen = [ids[2], ids[0], ids[2], ids[3]]
    await database.write(lambda s: playlists.set_videos(s, playlist.id, chosen))
    assert await _shown(database, "my-course") == ["C", "A", "D"]
    await database.write(lambda s: playlists.add_video(s, playlist.id, ids[1]))
    await database.write(lambda s: playlists.remove_video(s, playlist.id, ids[0]))
    assert await _shown(database, "my-course") == ["C", "D", "B"]
    with pytest.raises(Conflict):
        await database.write(lambda s: playlists.add_video(s, playlist.id, ids[1]))
    with pytest.raises(NotFound):
        await database.write(lambda s: playlists.remove_video(s, playlist.id, ids[0]))
    with pytest.raises(NotFound):
        await database.write(lambda s: playlists.set_videos(s, playlist.id, [ids[0], 99]))
    with pytest.raises(Invalid):
        await database.write(lambda s: playlists.set_videos(s, playlist.id, range(501)))
    assert await _shown(database, "my-course") == ["C", "D", "B"]


async def test_a_removed_video_leaves_and_a_removed_playlist_keeps_its_videos(
    database: Database,
) -> None:
    first, second = await add_videos(database, ["First", "Second"])
    playlist = await _add(database, "List")
    await database.write(lambda s: playlists.set_videos(s, playlist.id, [first, second]))
    await database.write(lambda s: removal.begin(s, first))
    assert await _shown(database, "list") == ["Second"]
    third = (await add_videos(database, ["Third"]))[0]
    # One on its way out is in nobody's way.
    await database.write(lambda s: playlists.add_video(s, playlist.id, third))
    await database.write(lambda s: removal.finish(s, first))
    assert await _shown(database, "list") == ["Second", "Third"]
    await database.write(lambda s: playlists.remove(s, playlist.id))
    async with database.read() as session:
        assert (await videos.listed_by_id(session, second)).video.title == "Second"
    with pytest.raises(NotFound):
        await _shown(database, "list")


async def test_who_sees_what_of_a_playlist(database: Database) -> None:
    (shown,) = await add_videos(database, ["Shown"])
    (linked,) = await add_videos(database, ["Linked"], visibility="unlisted")
    (hidden,) = await add_videos(database, ["Hidden"], visibility="private")
    for visibility in ("public", "unlisted", "private"):
        await _fill(database, await _add(database, visibility, visibility), hidden, linked, shown)
    assert await _shown(database, "public") == ["Shown"]
    assert await _shown(database, "unlisted") == ["Linked", "Shown"]
    with pytest.raises(NotFound):
        await _shown(database, "private")
    empty = await _add(database, "Empty")
    async with database.read() as session:
        public = await playlists.all_with_counts(session, public=True)
        assert [(item.playlist.slug, item.video_count) for item in public] == [("public", 1)]
        every = await playlists.all_with_counts(session, public=False)
        counts = {item.playlist.slug: item.video_count for item in every}
        assert counts == {"public": 3, "unlisted": 3, "private": 3, "empty": 0}
    await database.write(
        lambda s: playlists.change(s, empty.id, {"title": " New ", "visibility": "private"})
    )
    async with database.read() as session:
        changed = await playlists.require(session, empty.id)
        # An address that was given out stays.
        assert (changed.title, changed.slug, changed.visibility) == ("New", "empty", "private")
    with pytest.raises(Invalid):
        await database.write(lambda s: playlists.change(s, empty.id, {"title": " "}))
