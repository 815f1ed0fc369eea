"""The full-text index: everything about it that only SQLite knows (FTS5).

The indexes hold no text of their own: `video_index` reads the view `video_texts`, `cue_index` the
cues. To take a row out of such an index it must be told exactly what it once was given. So triggers
take the old text out and put the new one in, in the transaction that changes the row. They do not
see what `INSERT OR REPLACE` removes: nothing may use it on these tables. A migration that changes
tables or columns named here drops everything before and creates it again after.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    TableClause,
    UnaryExpression,
    column,
    func,
    literal_column,
    select,
    table,
)

_OPTIONS = "tokenize='unicode61 remove_diacritics 2', prefix='2 3'"
# The marks around a found word, until a snippet is taken apart: nobody types these.
_OPEN, _CLOSE = "\x02", "\x03"
_SNIPPET_WORDS = 32
_TITLE, _DESCRIPTION, _CATEGORY = 10.0, 1.0, 2.0

# The prefix indexes begin at two letters: one letter would have to be merged from all its words.
SHORTEST_BEGINNING = 2
INDEXES = ("video_index", "cue_index", "category_index")
# In an FTS5 table the column with the table's own name is what is asked.
_VIDEOS, _CUES, _CATEGORIES = (
    table(name, column("rowid", Integer), column(name)) for name in INDEXES
)

_CREATE = (
    """CREATE VIEW video_texts (id, title, description, category, category_id) AS
    SELECT videos.id, videos.title, videos.description, coalesce(categories.name, ''),
        videos.category_id
    FROM videos LEFT JOIN categories ON categories.id = videos.category_id""",
    f"""CREATE VIRTUAL TABLE video_index USING fts5(title, description, category,
    content='video_texts', content_rowid='id', {_OPTIONS})""",
    f"""CREATE VIRTUAL TABLE cue_index USING fts5(text,
    content='cues', content_rowid='id', {_OPTIONS})""",
    f"""CREATE VIRTUAL TABLE category_index USING fts5(name,
    content='categories', content_rowid='id', {_OPTIONS})""",
)
_PUT_VIDEOS = """INSERT INTO video_index(rowid, title, description, category)
    SELECT id, title, description, category FROM video_texts WHERE"""
_TAKE_VIDEOS = """INSERT INTO video_index(video_index, rowid, title, description, category)
    SELECT 'delete', id, title, description, category FROM video_texts WHERE"""
_PUT_CUE = "INSERT INTO cue_index(rowid, text) VALUES (new.id, new.text)"
_TAKE_CUE = "INSERT INTO cue_index(cue_index, rowid, text) VALUES ('delete', old.id, old.text)"
_PUT_CATEGORY = "INSERT INTO category_index(rowid, name) VALUES (new.id, new.name)"
_TAKE_CATEGORY = """INSERT INTO category_index(category_index, rowid, name)
    VALUES ('delete', old.id, old.name)"""
# By the time a removed category is taken from its videos, its name cannot be read any more.
_WITHOUT_CATEGORY = """INSERT INTO video_index(rowid, title, description, category)
    SELECT id, title, description, '' FROM video_texts WHERE category_id = old.id"""
_TEXTS = "UPDATE OF id, title, description, category_id"

# Name, when, and what is done then.
_TRIGGERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("video_added", "AFTER INSERT ON videos", (f"{_PUT_VIDEOS} id = new.id",)),
    ("video_changes", f"BEFORE {_TEXTS} ON videos", (f"{_TAKE_VIDEOS} id = old.id",)),
    ("video_changed", f"AFTER {_TEXTS} ON videos", (f"{_PUT_VIDEOS} id = new.id",)),
    ("video_goes", "BEFORE DELETE ON videos", (f"{_TAKE_VIDEOS} id = old.id",)),
    ("cue_added", "AFTER INSERT ON cues", (_PUT_CUE,)),
    ("cue_changed", "AFTER UPDATE OF id, text ON cues", (_TAKE_CUE, _PUT_CUE)),
    ("cue_gone", "AFTER DELETE ON cues", (_TAKE_CUE,)),
    ("category_added", "AFTER INSERT ON categories", (_PUT_CATEGORY,)),
    (
        "category_changes",
        "BEFORE UPDATE OF id, name ON categories",
        (f"{_TAKE_VIDEOS} category_id = old.id",),
    ),
    (
        "category_changed",
        "AFTER UPDATE OF id, name ON categories",
        (_TAKE_CATEGORY, _PUT_CATEGORY, f"{_PUT_VIDEOS} category_id = new.id"),
    ),
    (
        "category_goes",
        "BEFORE DELETE ON categories",
        (f"{_TAKE_VIDEOS} category_id = old.id", _WITHOUT_CATEGORY),
    ),
    ("category_gone", "AFTER DELETE ON categories", (_TAKE_CATEGORY,)),
)


@dataclass(frozen=True)
class Term:
    """A word, or several that must stand side by side.

    `is_beginning`: words that begin with the last one count too.
    """

    text: str
    is_beginning: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `marked` where it is what was looked for."""

    text: str
    marked: bool


def create(connection: Connection) -> None:
    """Make the indexes with the triggers that keep them right, and take in what is there."""
    for statement in _CREATE:
        connection.exec_driver_sql(statement)
    for name, when, steps in _TRIGGERS:
        body = "; ".join(steps)
        connection.exec_driver_sql(f"CREATE TRIGGER search_{name} {when} BEGIN {body}; END")
    rebuild(connection)


def rebuild(connection: Connection) -> None:
    """Make the indexes anew from the rows."""
    for name in INDEXES:
        connection.exec_driver_sql(f"INSERT INTO {name}({name}) VALUES ('rebuild')")


def drop(connection: Connection) -> None:
    """Remove the indexes and their triggers."""
    for name, _, _ in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER search_{name}")
    for name in INDEXES:
        connection.exec_driver_sql(f"DROP TABLE {name}")
    connection.exec_driver_sql("DROP VIEW video_texts")


def is_part_of_index(name: str | None) -> bool:
    """Whether a table belongs to an index and so is not one of the schema."""
    return name is not None and name.startswith(INDEXES)


def matching_videos(terms: Sequence[Term]) -> Select[int]:
    """The ids of the videos in which every term occurs."""
    return _ids(_VIDEOS).where(_matches(_VIDEOS, _all(terms)))


def matching_categories(terms: Sequence[Term]) -> Select[int]:
    """The ids of the categories in whose names every term occurs."""
    return _ids(_CATEGORIES).where(_matches(_CATEGORIES, _all(terms)))


def ranked_videos(
    terms: Sequence[Term], *, in_title: bool, below: int | None, limit: int
) -> Select[int, float]:
    """The newest matches below an id, as (id, score); the lowest score is the best.

    Those whose title has every term, or all others. The newest and not the best, because a score
    would have to be computed for every match.
    """
    titles = f"{{title}} : ({_all(terms)})"
    expression = titles if in_title else f"({_all(terms)}) NOT ({titles})"
    score: ColumnElement[float] = func.bm25(
        literal_column(_VIDEOS.name), _TITLE, _DESCRIPTION, _CATEGORY
    )
    found = select(_VIDEOS.c.rowid.label("id"), score.label("score"))
    return found.where(*_newest(_VIDEOS, expression, below)).order_by(_last(_VIDEOS)).limit(limit)


def newest_cues(terms: Sequence[Term], *, below: int | None, limit: int) -> Select[int]:
    """The ids of the newest cues below an id in which every term occurs."""
    newest = _ids(_CUES).where(*_newest(_CUES, _all(terms), below))
    return newest.order_by(_last(_CUES)).limit(limit)


def cues_between(terms: Sequence[Term], first: int, last: int) -> Select[int]:
    """The ids of the cues from one id to another in which every term occurs."""
    return _ids(_CUES).where(_matches(_CUES, _all(terms)), _CUES.c.rowid.between(first, last))


def snippets(terms: Sequence[Term], ids: Collection[int]) -> Select[int, str]:
    """The text of some cues around what was found, as (id, text); see `pieces`."""
    text: ColumnElement[str] = func.snippet(
        literal_column(_CUES.name), 0, _OPEN, _CLOSE, "…", _SNIPPET_WORDS
    )
    # The plus keeps SQLite from asking the index once for each id, which would open it each time.
    among = literal_column(f"+{_CUES.name}.rowid", Integer).in_(ids)
    return select(_CUES.c.rowid.label("id"), text.label("text")).where(
        _matches(_CUES, _all(terms)), _CUES.c.rowid.between(min(ids), max(ids)), among
    )


def pieces(snippet: str) -> list[Piece]:
    """What was found and what stands around it."""
    found: list[Piece] = []
    for number, part in enumerate(snippet.split(_OPEN)):
        marked, closed, rest = part.partition(_CLOSE)
        if number == 0 or not closed:
            marked, rest = "", part
        found += [Piece(marked, True), Piece(rest.replace(_CLOSE, ""), False)]
    return [piece for piece in found if piece.text]


def _ids(index: TableClause) -> Select[int]:
    return select(index.c.rowid.label("id"))


def _last(index: TableClause) -> UnaryExpression[int]:
    return index.c.rowid.desc()


def _newest(index: TableClause, expression: str, below: int | None) -> list[ColumnElement[bool]]:
    conditions = [_matches(index, expression)]
    if below is not None:
        conditions.append(index.c.rowid < below)
    return conditions


def _matches(index: TableClause, expression: str) -> ColumnElement[bool]:
    return index.c[index.name].op("MATCH", is_comparison=True)(expression)


def _all(terms: Sequence[Term]) -> str:
    return " AND ".join(_quoted(term) for term in terms)


def _quoted(term: Term) -> str:
    # In quotes nothing but a quote means anything to FTS5.
    text = term.text.replace('"', '""')
    return f'"{text}"*' if term.is_beginning else f'"{text}"'
