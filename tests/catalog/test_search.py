"""Finding videos and moments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from tests.catalog import query_plans
from tests.catalog.library import add_video
from vlog.catalog import cursors, search, search_windows
from vlog.catalog import moments as moment_catalog
from vlog.catalog.moments import MomentsOfVideo
from vlog.catalog.search_terms import parse
from vlog.catalog.videos import ListedVideo
from vlog.database import full_text
from vlog.database.engine import Database
from vlog.database.types import now
from vlog.errors import BadRequest, NotFound


async def _titles(database: Database, typed: str, **options: Any) -> list[str]:
    async with database.read() as session:
        page = await search.videos(session, parse(typed), **({"limit": 50} | options))
    return [item.video.title for item in page.items]


async def _moments(database: Database, typed: str, **options: Any) -> list[MomentsOfVideo]:
    async with database.read() as session:
        page = await moment_catalog.in_all_videos(
            session, parse(typed), **({"limit": 50} | options)
        )
    return page.items


async def _said(database: Database, typed: str) -> list[tuple[str, list[float]]]:
    found = await _moments(database, typed)
    return [(one.video.video.title, [moment.start for moment in one.moments]) for one in found]


async def test_words_in_titles_come_first(database: Database) -> None:
    await add_video(database, "Lake in the mountains, seen from above in spring and autumn")
    await add_video(database, "Old", category="Lake")
    await add_video(database, "Said", description="About a lake")
    await add_video(database, "Lake")
    await add_video(database, "Dry land")
    found = await _titles(database, "lake")
    assert found[0] == "Lake"
    assert found[1].startswith("Lake in")
    assert found[2:] == ["Old", "Said"]
    assert await _titles(database, "lake", limit=2) == found[:2]


async def test_videos_with_all_words_are_found_wherever_they_stand(database: Database) -> None:
    await add_video(database, "Alpine lake", description="Cold water", category="Travel")
    await add_video(database, "Alpine hut")
    assert await _titles(database, "water ALPINE trav") == ["Alpine lake"]
    assert await _titles(database, "alpine nothing") == []
    assert await _titles(database, '"alpine lake"') == ["Alpine lake"]
    assert await _titles(database, '"lake alpine"') == []
    assert await _titles(database, "alp", titles_only=True) == ["Alpine hut", "Alpine lake"]
    assert await _titles(database, "water", titles_only=True) == []


async def test_accents_case_and_the_end_of_the_last_word_do_not_matter(database: Database) -> None:
    await add_video(database, "Crème brûlée", "Voilà, une crème BRÛLÉE")
    for typed in ("creme brulee", "CRÈME", "crem", "bru\u0302l"):
        assert await _titles(database, typed) == ["Crème brûlée"], typed
        assert await _said(database, typed) == [("Crème brûlée", [0.0])], typed
    assert await _titles(database, "cre brulee") == []


async def test_a_moment_says_where_and_what(database: Database) -> None:
    await add_video(
        database, "Talk", "good morning", "we swim in the\nlake & <b>river</b>", language="en-GB"
    )
    (found,) = await _moments(database, "lake riv")
    (moment,) = found.moments
    assert (moment.start, moment.end, moment.language) == (4.0, 8.0, "en-GB")
    assert [(piece.text, piece.marked) for piece in moment.snippet] == [
        ("we swim in the ", False),
        ("lake", True),
        (" & <b>", False),
        ("river", True),
        ("</b>", False),
    ]
    assert not found.more


async def test_a_long_text_is_cut_around_what_was_found(database: Database) -> None:
    await add_video(database, "Essay", "before " * 200 + "needle" + " after" * 200)
    ((moment,),) = [found.moments for found in await _moments(database, "needle")]
    snippet = "".join(piece.text for piece in moment.snippet)
    assert "needle" in snippet
    assert snippet.startswith("…")
    assert len(snippet) < 250


async def test_what_is_said_as_typed_comes_first(database: Database) -> None:
    await add_video(database, "Exact", "an alpine lake", "the lake of an alpine village")
    await add_video(database, "Apart", "a lake of alpine water")
    await add_video(database, "Longer", "alpine lakes")
    assert await _said(database, "alpine lake") == [
        ("Exact", [0.0, 4.0]),
        ("Longer", [0.0]),
        ("Apart", [0.0]),
    ]
    assert await _said(database, "lake") == [
        ("Apart", [0.0]),
        ("Exact", [0.0, 4.0]),
        ("Longer", [0.0]),
    ]


async def test_one_video_does_not_hide_the_others(database: Database) -> None:
    await add_video(database, "Short", "one word")
    long = await add_video(database, "Long", *(f"word {number}" for number in range(40)))
    first, second = await _moments(database, "word")
    assert (first.video.video.title, len(first.moments), first.more) == ("Long", 3, True)
    assert (second.video.video.title, len(second.moments), second.more) == ("Short", 1, False)
    starts: list[float] = []
    cursor: str | None = None
    while True:
        async with database.read() as session:
            page = await moment_catalog.in_video(
                session, parse("word"), long.slug, limit=7, cursor=cursor
            )
        starts += [moment.start for moment in page.items[0].moments]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert starts == [4.0 * number for number in range(40)]


@pytest.mark.parametrize("ids", [[], [5], [1, 2, 3, 5000, 5001], list(range(0, 900_000, 1100))])
def test_ids_fall_into_few_runs(ids: list[int]) -> None:
    runs = moment_catalog._runs(ids)
    assert len(runs) <= 50
    assert [i for i in ids if not any(first <= i <= last for first, last in runs)] == []
    assert all(first in ids and last in ids for first, last in runs)
    assert runs == sorted(runs)


HIDDEN: list[dict[str, Any]] = [
    {"visibility": "private"},
    {"status": "pending", "published_at": None},
    {"status": "receiving"},
    {"status": "deleting"},
    {"visibility": "private", "published_at": None, "status": "processing"},
]


@pytest.mark.parametrize("values", HIDDEN)
async def test_what_is_not_public_is_never_found(
    database: Database, values: dict[str, Any]
) -> None:
    hidden = await add_video(database, "Secret lake", "the lake", category="Lake", **values)
    assert await _titles(database, "lake") == []
    assert await _titles(database, "secret", titles_only=True) == []
    assert await _moments(database, "lake") == []
    async with database.read() as session:
        assert await search.categories(session, parse("lake"), limit=5) == []
        with pytest.raises(NotFound):
            await moment_catalog.in_video(session, parse("lake"), hidden.slug, limit=5)
    shown = await add_video(database, "Known lake", "a lake", category="Lake")
    assert await _titles(database, "lake") == ["Known lake"]
    assert await _said(database, "lake") == [(shown.title, [0.0])]
    async with database.read() as session:
        (category,) = await search.categories(session, parse("la"), limit=5)
        assert category.name == "Lake"


@pytest.fixture
def narrow_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows so small that few rows need many."""
    for module in (search, moment_catalog):
        monkeypatch.setattr(module, "WINDOW", 5)
    assert search_windows.MOST_WINDOWS == 20


@pytest.mark.usefixtures("narrow_windows")
@pytest.mark.parametrize("limit", [1, 3, 4, 50])
async def test_pages_show_every_hit_once(database: Database, limit: int) -> None:
    for number in range(12):
        cues = [f"word {cue}" if cue % 3 else "words" for cue in range(number)]
        await add_video(database, f"Word {number}", *cues)
        await add_video(database, f"Other {number}", description="word")
        await add_video(database, f"Word, hidden {number}", "word", visibility="private")
    titles: list[str] = []
    said: list[tuple[str, float]] = []
    async with database.read() as session:
        videos = search_windows.Slice[ListedVideo](next_cursor="")
        while videos.next_cursor is not None:
            cursor = videos.next_cursor or None
            videos = await search.videos(session, parse("word"), limit=limit, cursor=cursor)
            titles += [item.video.title for item in videos.items]
        moments = search_windows.Slice[MomentsOfVideo](next_cursor="")
        while moments.next_cursor is not None:
            cursor = moments.next_cursor or None
            moments = await moment_catalog.in_all_videos(
                session, parse("word"), limit=limit, cursor=cursor
            )
            assert sum(len(found.moments) for found in moments.items) <= limit
            said += [
                (found.video.video.title, moment.start)
                for found in moments.items
                for moment in found.moments
            ]
    assert sorted(titles[:12]) == sorted(f"Word {number}" for number in range(12))
    assert sorted(titles[12:]) == sorted(f"Other {number}" for number in range(12))
    assert len(said) == len(set(said))
    assert {title for title, _ in said} == {f"Word {number}" for number in range(1, 12)}


@pytest.mark.usefixtures("narrow_windows")
async def test_pages_go_on_where_they_were_while_videos_are_added(database: Database) -> None:
    for number in range(12):
        await add_video(database, f"Word {number}", "word")
    async with database.read() as session:
        videos = await search.videos(session, parse("word"), limit=3)
        moments = await moment_catalog.in_all_videos(session, parse("word"), limit=3)
    await add_video(database, "Word, new", "word", published_at=now())
    rest = await _titles(database, "word", cursor=videos.next_cursor)
    assert sorted([*(one.video.title for one in videos.items), *rest]) == sorted(
        f"Word {number}" for number in range(12)
    )
    later = await _moments(database, "word", cursor=moments.next_cursor)
    shown = [found.video.video.title for found in [*moments.items, *later]]
    assert sorted(shown) == sorted(f"Word {number}" for number in range(12))


@pytest.mark.usefixtures("narrow_windows")
async def test_much_that_is_hidden_ends_a_page_early_and_loses_nothing(database: Database) -> None:
    await add_video(database, "Word, shown", "word")
    for number in range(110):
        await add_video(database, f"Word {number}", "word", visibility="private")
    async with database.read() as session:
        first = await search.videos(session, parse("word"), limit=5)
        assert (first.items, first.next_cursor is None) == ([], False)
        second = await search.videos(session, parse("word"), limit=5, cursor=first.next_cursor)
        assert [item.video.title for item in second.items] == ["Word, shown"]
        assert second.next_cursor is None


@pytest.mark.parametrize(
    "values",
    [[], [0], [0, 1, 2], ["0", 1, 0.5, 2], [0, "x", 0.5, 2], [0, 1, "x", 2], [0, 2**64, 0.5, 2]],
)
async def test_a_made_up_cursor_is_refused(database: Database, values: list[Any]) -> None:
    video = await add_video(database, "Word", "word")
    cursor = cursors.encode(values)
    async with database.read() as session:
        for find in (search.videos, moment_catalog.in_all_videos):
            with pytest.raises(BadRequest):
                await find(session, parse("word"), limit=5, cursor=cursor)
        with pytest.raises(BadRequest):
            await moment_catalog.in_video(
                session, parse("word"), video.slug, limit=5, cursor=cursor
            )


@pytest.fixture(scope="module")
def indexes() -> Iterator[Connection]:
    """The indexes alone, with a row in each."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for statement in (
            "CREATE VIRTUAL TABLE cue_index USING fts5(text, prefix='2 3')",
            "CREATE VIRTUAL TABLE video_index USING fts5(title, description, category)",
            "INSERT INTO cue_index VALUES ('hello world')",
            "INSERT INTO video_index VALUES ('hello', 'world', 'x')",
        ):
            connection.exec_driver_sql(statement)
        yield connection
    engine.dispose()


@settings(max_examples=400)
@given(
    st.one_of(
        st.text(st.characters(), max_size=60),
        st.text('ab"*^+-:(){}~ ANDORNOTNEAR,\x00\ud800é‎', max_size=40),
        st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "replace")),
    )
)
def test_anything_typed_gets_an_answer(indexes: Connection, typed: str) -> None:
    terms = parse(typed)
    if not terms:
        return
    for statement in (
        full_text.matching_videos(terms),
        full_text.ranked_videos(terms, in_title=True, below=9, limit=5),
        full_text.ranked_videos(terms, in_title=False, below=None, limit=5),
        full_text.newest_cues(terms, below=None, limit=5),
        full_text.snippets(terms, [1, 2]),
    ):
        indexes.execute(statement).all()


async def test_every_search_is_read_through_an_index(database: Database) -> None:
    video = await add_video(database, "Word", "word one", "word two", category="Word")
    with query_plans.recorded(database) as statements:
        async with database.read() as session:
            for typed in ("word", '"word one" wo'):
                await search.videos(session, parse(typed), limit=5)
                await moment_catalog.in_all_videos(session, parse(typed), limit=5)
                await moment_catalog.in_video(session, parse(typed), video.slug, limit=5)
                await search.categories(session, parse(typed), limit=5)
    assert len(statements) >= 16
    steps = await query_plans.steps_of(database, statements)
    assert query_plans.table_scans(steps) == []
    # Without an `M` in its plan an index would be walked through, not asked for words.
    asked = [step.rpartition(":")[2] for step in steps if "_index VIRTUAL" in step]
    assert len(asked) >= 16
    assert all("M" in plan for plan in asked), steps
