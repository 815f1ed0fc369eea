"""The words of a video in several languages, as cues."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import func, select, text

from vlog.captions.cue import Cue, Word
from vlog.catalog import due_captions, embedded, leases, receiving, transcripts
from vlog.catalog.embedded import EmbeddedCaptions
from vlog.database import schema
from vlog.database.engine import Database
from vlog.database.types import now
from vlog.errors import Conflict, NotFound

_HELLO = Cue(0.5, 1.5, "Hello there", (Word(0.5, 0.9, "Hello"), Word(1.0, 1.5, "there")))
_BYE = Cue(3.0, 4.0, "Good bye\nfor now")


async def _video(database: Database) -> int:
    arrival = receiving.Arrival("Film", "film.mp4", ".mp4", 1)
    return (await database.write(lambda s: receiving.register(s, arrival, None))).id


async def test_cues_come_back_in_order_as_they_were_put(database: Database) -> None:
    video = await _video(database)
    track = await database.write(
        lambda s: transcripts.replace(s, video, "en", [_BYE, _HELLO], origin="automatic")
    )
    assert (track.version, track.word_count) == (1, 6)
    async with database.read() as session:
        assert await transcripts.read_cues(session, video, "en") == [_HELLO, _BYE]
        assert await transcripts.read_cues(session, video, "es") == []


async def test_what_is_replaced_is_gone_and_what_is_appended_joins(database: Database) -> None:
    video = await _video(database)
    await database.write(
        lambda s: transcripts.replace(s, video, "en", [_HELLO], origin="automatic")
    )
    track = await database.write(
        lambda s: transcripts.replace(s, video, "en", [_BYE], origin="edited", name="Ours")
    )
    assert (track.version, track.origin, track.word_count) == (2, "edited", 4)
    later = Cue(9.0, 10.0, "Back")
    await database.write(lambda s: transcripts.append(s, track.id, [later]))
    async with database.read() as session:
        assert await transcripts.read_cues(session, video, "en") == [_BYE, later]
        (found,) = await transcripts.tracks_of(session, video)
    assert (found.version, found.word_count, found.name) == (3, 5, "Ours")


async def test_cues_go_with_their_transcript(database: Database) -> None:
    video = await _video(database)
    await database.write(lambda s: transcripts.replace(s, video, "en", [_HELLO], origin="uploaded"))
    await database.write(lambda s: transcripts.remove(s, video, "en"))
    async with database.read() as session:
        assert await session.scalar(select(func.count(schema.Cue.id))) == 0
    with pytest.raises(NotFound):
        await database.write(lambda s: transcripts.remove(s, video, "en"))


async def test_a_change_of_another_version_is_refused(database: Database) -> None:
    video = await _video(database)
    await database.write(
        lambda s: transcripts.replace(s, video, "en", [_HELLO], origin="uploaded", of_version=0)
    )
    with pytest.raises(Conflict, match="changed these captions"):
        await database.write(
            lambda s: transcripts.replace(s, video, "en", [_BYE], origin="edited", of_version=0)
        )
    with pytest.raises(Conflict):
        await database.write(lambda s: transcripts.remove(s, video, "en", of_version=2))
    async with database.read() as session:
        assert await transcripts.read_cues(session, video, "en") == [_HELLO]


async def test_every_change_leaves_its_mark_until_its_own_files_are_written(
    database: Database,
) -> None:
    video = await _video(database)

    async def changes() -> int | None:
        async with database.read() as session:
            return await due_captions.changes_of(session, video)

    assert await changes() is None
    track = await database.write(
        lambda s: transcripts.replace(s, video, "en", [_HELLO], origin="automatic")
    )
    seen = await changes() or 0
    await database.write(lambda s: transcripts.append(s, track.id, [_BYE]))
    assert await database.write(lambda s: due_captions.done(s, video, seen)) is False
    seen = await changes() or 0
    assert await database.write(lambda s: due_captions.done(s, video, seen)) is True
    for change in (
        lambda s: transcripts.describe(s, track.id, language="de", name=None, origin=None),
        lambda s: transcripts.remove(s, video, "de"),
    ):
        await database.write(change)
        seen = await changes() or 0
        assert await database.write(partial(due_captions.done, video_id=video, changes=seen))


def _track(number: int, language: str) -> transcripts.Track:
    return transcripts.Track(number, language, "", "embedded", None, 0, 1, now())


def test_the_default_is_the_first_that_is_for_everybody() -> None:
    tracks = [_track(1, "en-x-sdh"), _track(3, "de"), _track(2, "fr")]
    assert transcripts.default_of(tracks) is tracks[2]
    assert transcripts.default_of(tracks[:1]) is tracks[0]
    assert transcripts.default_of([]) is None


async def test_what_is_embedded_replaces_nothing_that_a_person_made(database: Database) -> None:
    video = await _video(database)
    made: list[tuple[str, transcripts.Origin]] = [("en", "edited"), ("de", "automatic")]
    for language, origin in made:
        await database.write(
            partial(
                transcripts.replace,
                video_id=video,
                language=language,
                cues=[_HELLO],
                origin=origin,
            )
        )
    await database.write(lambda s: receiving.mark_received(s, video))
    lease = await database.write(
        lambda s: leases.take_next(s, owner="me", moment=now(), seconds=60)
    )
    assert lease is not None
    found = [EmbeddedCaptions(language, "", [_BYE]) for language in ("en", "de", "fr")]
    await database.write(lambda s: embedded.keep(s, lease.token, found, "A sentence."))
    async with database.read() as session:
        kept = {
            language: await transcripts.read_cues(session, video, language)
            for language in ("en", "de", "fr")
        }
        row = await session.get_one(schema.Video, video)
    assert kept == {"en": [_HELLO], "de": [_BYE], "fr": [_BYE]}
    assert row.notice == "A sentence."
    with pytest.raises(leases.LeaseLost):
        await database.write(lambda s: embedded.keep(s, lease.token, found, None))


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (
            "SELECT * FROM transcriptions WHERE video_id IN (1, 2) ORDER BY video_id, language",
            # What SQLite calls the index of a unique constraint.
            "sqlite_autoindex_transcriptions",
        ),
        (
            "SELECT * FROM cues WHERE transcription_id = 1 ORDER BY start, id",
            "ix_cues_transcription_id_start",
        ),
        ("SELECT * FROM chapters WHERE video_id = 1 ORDER BY start", "ix_chapters_video_id_start"),
        ("DELETE FROM due_captions WHERE video_id = 1 AND changes = 2", "INTEGER PRIMARY KEY"),
    ],
)
async def test_what_is_asked_has_its_index(database: Database, sql: str, index: str) -> None:
    async with database.read() as session:
        plan = [str(row) for row in await session.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
    assert any(index in step for step in plan), plan
    assert not any("SCAN" in step for step in plan)
