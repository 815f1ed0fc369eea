"""The index says what the rows say, whatever happens to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from alembic import command
from sqlalchemy import Connection, Select, delete, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.catalog.library import add_video
from vlog.database import full_text
from vlog.database.engine import Database
from vlog.database.full_text import Piece, Term
from vlog.database.migration import alembic_config, migrate
from vlog.database.schema import Category, Cue, Transcription, Video


async def _videos(database: Database, word: str) -> list[int]:
    return await _ids(database, full_text.matching_videos([Term(word)]))


async def _cues(database: Database, word: str) -> list[int]:
    return await _ids(database, full_text.newest_cues([Term(word)], below=None, limit=100))


async def _ids(database: Database, statement: Select[int]) -> list[int]:
    async with database.read() as session:
        return list(await session.scalars(statement))


async def _run(database: Database, *statements: str) -> None:
    async with database.engine.execution_options(writes=True).begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def _is_right(database: Database) -> None:
    """Every index has exactly the words of its rows."""
    check = "INSERT INTO {0}({0}, rank) VALUES ('integrity-check', 1)"
    await _run(database, *(check.format(name) for name in full_text.INDEXES))


async def test_videos_are_found_by_what_they_say_now(database: Database) -> None:
    video = await add_video(database, "Alpine lake", description="Cold water")
    other = await add_video(database, "Busy street")
    assert await _videos(database, "alpine") == await _videos(database, "water") == [video.id]
    await _run(database, "UPDATE videos SET title = 'Desert', status = 'failed' WHERE id = 1")
    assert await _videos(database, "alpine") == []
    assert await _videos(database, "desert") == await _videos(database, "water") == [video.id]
    await _run(database, "UPDATE videos SET description = ''")
    assert await _videos(database, "water") == []
    await _run(database, "DELETE FROM videos WHERE id = 1")
    assert await _videos(database, "desert") == []
    assert await _videos(database, "street") == [other.id]
    await _is_right(database)


async def test_videos_follow_their_category(database: Database) -> None:
    first = await add_video(database, "One", category="Travel")
    second = await add_video(database, "Two", category="Travel")
    third = await add_video(database, "Three", category="Cooking")
    assert await _videos(database, "travel") == [first.id, second.id]
    await _run(database, "UPDATE categories SET name = 'Journeys' WHERE name = 'Travel'")
    assert await _videos(database, "travel") == []
    assert await _videos(database, "journeys") == [first.id, second.id]
    await _run(database, f"UPDATE videos SET category_id = 2 WHERE id = {first.id}")
    assert await _videos(database, "journeys") == [second.id]
    assert await _videos(database, "cooking") == [first.id, third.id]
    await _run(database, f"UPDATE videos SET category_id = NULL WHERE id = {first.id}")
    await _run(database, "DELETE FROM categories WHERE name = 'Journeys'")
    assert await _videos(database, "journeys") == []
    assert await _videos(database, "two") == [second.id]
    categories = await _ids(database, full_text.matching_categories([Term("coo", True)]))
    assert categories == [2]
    await _is_right(database)


async def test_cues_are_found_by_what_they_say_now(database: Database) -> None:
    await add_video(database, "One", "hello there", "good night")
    await add_video(database, "Two", "hello again")
    assert await _cues(database, "hello") == [3, 1]
    await _run(database, "UPDATE cues SET text = 'goodbye there', start = 1 WHERE id = 1")
    assert await _cues(database, "hello") == [3]
    assert await _cues(database, "goodbye") == await _cues(database, "there") == [1]
    await _run(database, "DELETE FROM cues WHERE id = 3")
    assert await _cues(database, "hello") == []
    await _is_right(database)


@pytest.mark.parametrize("parent", [Video, Transcription])
async def test_what_goes_with_its_video_goes_from_the_index(
    database: Database, parent: type[Video] | type[Transcription]
) -> None:
    await add_video(database, "One", "first words", "second words", category="Travel")
    await add_video(database, "Two", "third words")
    await database.write(lambda session: session.execute(delete(parent).where(parent.id == 1)))
    async with database.read() as session:
        assert list(await session.scalars(select(Cue.id))) == [3]
    assert await _cues(database, "words") == [3]
    await _is_right(database)


async def test_a_transaction_that_fails_leaves_the_index_as_it_was(database: Database) -> None:
    await add_video(database, "One", "first words", category="Travel")

    async def fail(session: AsyncSession) -> None:
        await session.execute(update(Video).values(title="Other"))
        await session.execute(update(Category).values(name="Else"))
        await session.execute(delete(Cue))
        raise ValueError("not today")

    with pytest.raises(ValueError, match="not today"):
        await database.write(fail)
    assert await _videos(database, "travel") == await _videos(database, "one") == [1]
    assert await _cues(database, "words") == [1]
    await _is_right(database)


async def test_a_statement_that_fails_leaves_the_index_as_it_was(database: Database) -> None:
    for title in ("One", "Two"):
        await add_video(database, title, "same words", category="Travel")

    async def go_on(session: AsyncSession) -> None:
        await session.execute(update(Cue).where(Cue.id == 1).values(text="other words"))
        for failing in (
            "UPDATE videos SET title = 'New', category_id = NULL, source_name = 'one name for two'",
            "UPDATE cues SET text = 'lost', id = 9",
            "UPDATE categories SET name = 'Lost', slug = NULL",
        ):
            with pytest.raises(IntegrityError):
                await session.execute(text(failing))

    await database.write(go_on)
    assert await _videos(database, "travel") == [1, 2]
    assert await _videos(database, "new") == await _videos(database, "lost") == []
    assert (await _cues(database, "other"), await _cues(database, "same")) == ([1], [2])
    assert await _cues(database, "lost") == []
    await _is_right(database)


async def test_a_difference_is_noticed_and_mended(database: Database) -> None:
    await add_video(database, "One", "first words")
    await _run(database, "DROP TRIGGER search_cue_changed", "UPDATE cues SET text = 'other'")
    with pytest.raises(DatabaseError):
        await _is_right(database)
    async with database.engine.execution_options(writes=True).begin() as connection:
        await connection.run_sync(full_text.rebuild)
    await _is_right(database)
    assert await _cues(database, "other") == [1]


async def test_the_migration_takes_in_what_is_there(database: Database) -> None:
    def migrated_to(revision: str) -> Callable[[Connection], None]:
        return lambda connection: command.downgrade(alembic_config(connection), revision)

    await add_video(database, "Alpine lake", "hello there", category="Travel")
    async with database.engine.execution_options(writes=True).connect() as connection:
        # Back to a schema without the index, with the rows in it.
        await connection.run_sync(migrated_to("0012"))
    await migrate(database)
    assert await _videos(database, "alpine") == await _videos(database, "travel") == [1]
    assert await _cues(database, "hello") == [1]
    await _is_right(database)


@pytest.mark.parametrize(
    ("snippet", "pieces"),
    [
        ("plain", [Piece("plain", False)]),
        ("a \x02lake\x03!", [Piece("a ", False), Piece("lake", True), Piece("!", False)]),
        ("\x02a\x03\x02b\x03", [Piece("a", True), Piece("b", True)]),
        ("odd \x03 \x02 marks", [Piece("odd  ", False), Piece(" marks", False)]),
        ("", []),
    ],
)
def test_a_snippet_is_taken_apart(snippet: str, pieces: Sequence[Piece]) -> None:
    assert full_text.pieces(snippet) == pieces
