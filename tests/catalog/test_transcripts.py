"""The words of a video in several languages, as cues."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from vlog.captions.cue import Cue, Word
from vlog.catalog import receiving, transcripts
from vlog.database import schema
from vlog.database.engine import Database
from vlog.errors import NotFound

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
