"""What people have in their database survives the way from every earlier schema, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, event, text

from tests.database.filling import Rows, fill, lost, rows_of
from vlog.database import copies, full_text, migration
from vlog.database.copies import CopyFailed, DatabaseDamaged, copy_database, keep_copy, kept_copies
from vlog.database.engine import Database
from vlog.database.migration import alembic_config, downgrade, known_revisions, migrate, schema_of
from vlog.database.soundness import complaints_about, index_complaints, rebuild_indexes
from vlog.errors import Invalid, StartError

KNOWN = known_revisions()
# These tables were made anew, and nothing had ever written to them before.
MADE_ANEW = {"0006": {"transcriptions"}, "0010": {"viewers", "playback_sessions"}}


def _with_rows(file: Path, revision: str) -> Rows:
    """A database of one earlier schema with rows in every table."""

    def make(connection: Connection) -> Rows:
        command.upgrade(alembic_config(connection), revision)
        fill(connection)
        return rows_of(connection)

    return _run(file, make)


def _run(file: Path, work: Callable[[Connection], Rows]) -> Rows:
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def _migrated(file: Path) -> Path | None:
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        return await migrate(database)
    finally:
        await database.dispose()


async def test_rows_of_every_earlier_schema_survive_all_later_ones(tmp_path: Path) -> None:
    file = tmp_path / "vlog.db"
    expected: Rows = {}

    def go_on(connection: Connection, revision: str, first: int) -> Rows:
        command.upgrade(alembic_config(connection), revision)
        for table in MADE_ANEW.get(revision, ()):
            expected.pop(table)
        missing = lost(expected, rows_of(connection))
        assert missing == {}, f"lost on the way to {revision}"
        fill(connection, first)
        return rows_of(connection)

    for place, revision in enumerate(KNOWN):
        expected = _run(file, partial(go_on, revision=revision, first=10 * place + 1))
    assert complaints_about(file) == index_complaints(file) == []


def test_lists_by_views_know_what_was_viewed_before(tmp_path: Path) -> None:
    file = tmp_path / "vlog.db"
    before = _with_rows(file, "0024")
    assert before["video_totals"]

    def upgrade(connection: Connection) -> Rows:
        command.upgrade(alembic_config(connection), "0025")
        return rows_of(connection)

    _run(file, upgrade)
    query = (
        "SELECT videos.views, coalesce(video_totals.views, 0) FROM videos "
        "LEFT JOIN video_totals ON video_id = videos.id"
    )
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(query).fetchall()
    assert any(views for views, _ in found)
    assert [views for views, _ in found] == [total for _, total in found]


async def test_a_start_brings_an_earlier_database_up_and_keeps_a_copy(tmp_path: Path) -> None:
    file = tmp_path / "vlog.db"
    before = _with_rows(file, "0006")
    copy = await _migrated(file)
    kept = {name: rows for name, rows in before.items() if name not in MADE_ANEW["0010"]}
    assert lost(kept, _run(file, rows_of)) == {}
    assert complaints_about(file) == index_complaints(file) == []
    # What it was before lies beside it, and can be opened by the version that made it.
    assert copy is not None
    assert _run(copy, rows_of) == before


@pytest.mark.parametrize("revision", ["0001", KNOWN[-2]])
async def test_what_an_earlier_schema_knows_survives_the_way_back_to_it(
    tmp_path: Path, revision: str
) -> None:
    file = tmp_path / "vlog.db"
    known_then = set(_with_rows(tmp_path / "then.db", revision))
    whole = _with_rows(file, "head")
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        copy = await downgrade(database, revision)
        assert (await schema_of(database)).current == revision
    finally:
        await database.dispose()
    after = _run(file, rows_of)
    assert set(after) == known_then
    kept = {name: rows for name, rows in whole.items() if name in after}
    for later, tables in MADE_ANEW.items():
        if later > revision:
            kept = {name: rows for name, rows in kept.items() if name not in tables}
    assert lost(kept, after) == {}
    assert _run(copy, rows_of) == whole


async def test_an_upgrade_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "vlog.db"
    before = _with_rows(file, "0006")

    def fail(connection: Connection) -> None:
        raise OSError("the machine is on fire")

    # What 0013 does, after seven others.
    monkeypatch.setattr(full_text, "create", fail)
    with pytest.raises(OSError, match="fire"):
        await _migrated(file)
    monkeypatch.undo()
    assert _run(file, rows_of) == before
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0006",)
        ]
    assert await _migrated(file) is not None


async def test_a_new_database_and_one_that_is_up_to_date_are_not_copied(tmp_path: Path) -> None:
    file = tmp_path / "vlog.db"
    assert await _migrated(file) is None
    assert await _migrated(file) is None
    assert kept_copies(file) == []


async def test_without_room_for_the_copy_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "vlog.db"
    _with_rows(file, "0012")
    (tmp_path / "copies").write_text("no folder")
    with pytest.raises(StartError, match="always copied"):
        await _migrated(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0012",)
        ]


async def test_a_newer_database_names_the_copy_that_helps(tmp_path: Path) -> None:
    file = tmp_path / "vlog.db"
    _with_rows(file, "0012")
    copy = await _migrated(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StartError) as refused:
        await _migrated(file)
    assert "schema 9999" in refused.value.detail
    assert str(copy) in refused.value.detail
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        with pytest.raises(StartError, match="newer version"):
            await downgrade(database, KNOWN[0])
    finally:
        await database.dispose()


@pytest.mark.parametrize("revision", [KNOWN[-1], "0000", "nonsense"])
async def test_one_goes_back_only_to_an_earlier_schema(database: Database, revision: str) -> None:
    with pytest.raises(Invalid, match=f"Earlier are {KNOWN[0]} to {KNOWN[-2]}"):
        await downgrade(database, revision)


async def test_a_copy_is_taken_while_others_write(database: Database, tmp_path: Path) -> None:
    source, target = migration.file_of(database), tmp_path / "copy.db"
    async with database.engine.execution_options(writes=True).begin() as connection:
        await connection.execute(text("INSERT INTO slugs VALUES ('kept', '2026-01-01')"))
    async with database.engine.execution_options(writes=True).connect() as connection:
        await connection.execute(text("INSERT INTO slugs VALUES ('open', '2026-01-01')"))
        copy_database(source, target)
        await connection.commit()
    with closing(sqlite3.connect(target)) as copied:
        assert copied.execute("SELECT slug FROM slugs").fetchall() == [("kept",)]
        assert copied.execute("PRAGMA journal_mode").fetchall() == [("delete",)]
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_a_copy_that_fails_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "vlog.db", tmp_path / "copy.db"
    _with_rows(source, "head")
    copy_database(source, target)
    first = target.read_bytes()

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "sync_file", full)
    with pytest.raises(CopyFailed, match="No space left"):
        copy_database(source, target)
    assert target.read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "vlog.db"]
    with pytest.raises(CopyFailed):
        copy_database(tmp_path / "nowhere.db", target)
    assert not (tmp_path / "nowhere.db").exists()


def test_a_damaged_database_is_not_taken_for_a_copy(tmp_path: Path) -> None:
    source = tmp_path / "vlog.db"
    _with_rows(source, "head")
    content = bytearray(source.read_bytes())
    # Every page but the first: the header still says that this is a database.
    content[4096:] = b"\x17" * (len(content) - 4096)
    source.write_bytes(content)
    with pytest.raises((DatabaseDamaged, CopyFailed)):
        copy_database(source, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    assert complaints_about(source) != []


def test_the_newest_copies_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "vlog.db"
    _with_rows(file, "0001")
    for number in range(7):
        keep_copy(file, f"2026010{number}")
    names = [copy.stem for copy in kept_copies(file)]
    assert names == [f"2026010{number}" for number in (6, 5, 4, 3, 2)]


def test_rows_and_indexes_that_do_not_fit_are_noticed(tmp_path: Path) -> None:
    file = tmp_path / "vlog.db"
    _with_rows(file, "head")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM slugs")
        connection.execute("DROP TRIGGER search_cue_changed")
        connection.execute("UPDATE cues SET text = 'other'")
    assert any("slugs" in sentence for sentence in complaints_about(file))
    assert index_complaints(file) == ["the index cue_index does not have the words of its rows"]
    rebuild_indexes(file)
    assert index_complaints(file) == []
