"""How long a search takes among a hundred times as many videos, and how large its index is."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from tests.benchmarks import table
from vlog.catalog import moments, search, search_terms
from vlog.database import full_text
from vlog.database.engine import Database
from vlog.database.migration import migrate

_SMALL, _LARGE = 1_000, 100_000
_CUES_PER_VIDEO, _WORDS_PER_CUE = 50, 8
_VOCABULARY = 60_000
_PRIVATE_EVERY = 10
_BATCH = 500
_QUERIES, _ROUNDS = 30, 3
_LIMIT = 20
_ONSETS = "b d f g h k l m n p r s t v w br ch dr gl kr pl sh st th tr"
_VOWELS = "a e i o u ai ea ou"
_ENDS = ("", "", "n", "r", "s", "t")
_MOMENT = "%Y-%m-%d %H:%M:%S.%f"


class _Language:
    """Made-up words, of which few are said all the time and most hardly ever (Zipf)."""

    def __init__(self) -> None:
        dice = random.Random(4)
        words: dict[str, None] = {}
        onsets, vowels = _ONSETS.split(), _VOWELS.split()
        while len(words) < _VOCABULARY:
            syllables = 1 + min(3, len(words) // 60) * dice.random()
            word = "".join(
                dice.choice(onsets) + dice.choice(vowels) for _ in range(round(syllables))
            )
            words[word + dice.choice(_ENDS)] = None
        self.words = list(words)
        self._weights = list(accumulate(1 / (place + 2.7) for place in range(_VOCABULARY)))

    def text(self, dice: random.Random, length: int, count: int = 1) -> list[str]:
        drawn = dice.choices(self.words, cum_weights=self._weights, k=length * count)
        return [" ".join(drawn[i : i + length]) for i in range(0, len(drawn), length)]


@dataclass(frozen=True)
class _Library:
    path: Path
    videos: int
    megabytes: dict[str, float]


def bench(folder: Path) -> None:
    """Print p50 and p95 of each kind of query in both libraries, and the size of the index.

    Ours is the large library, theirs the small one.
    """
    language = _Language()
    small, large = (_library(folder, language, videos) for videos in (_SMALL, _LARGE))
    kinds = _kinds(language)
    theirs, ours = asyncio.run(_measure(small, kinds)), asyncio.run(_measure(large, kinds))
    for kind in kinds:
        _print(kind, ours[kind], theirs[kind])
    _print("any of these", _together(ours), _together(theirs), goal="at most 3")
    for library in (small, large):
        sizes = library.megabytes
        table.line(
            f"index of {library.videos} videos, against their rows (MB)",
            f"{sizes['index']:.0f}",
            f"{sizes['rows']:.0f}",
            f"{sizes['index'] / sizes['rows']:.2f}",
        )


def _together(taken: dict[str, list[float]]) -> list[float]:
    return [seconds for of_kind in taken.values() for seconds in of_kind]


def _print(kind: str, ours: list[float], theirs: list[float], goal: str = "") -> None:
    for share in (50, 95):
        large, small = _percentile(ours, share), _percentile(theirs, share)
        what = f"search, {kind}, p{share} (ms)"
        table.line(
            what,
            f"{1000 * large:.1f}",
            f"{1000 * small:.1f}",
            f"{large / small:.2f}",
            goal if share == 95 else "",
        )


def _percentile(values: list[float], share: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def _kinds(language: _Language) -> dict[str, list[str]]:
    """Queries of each kind; all of them find something in the large library."""
    dice = random.Random(5)
    words = language.words
    common, usual, rare = words[:100], words[300:3000], words[20_000:40_000]
    kinds: dict[str, list[str]] = {
        "a rare word": dice.sample(rare, _QUERIES),
        "a common word": dice.sample(common, _QUERIES),
        "two common words": [" ".join(dice.sample(common, 2)) for _ in range(_QUERIES)],
        "two usual words": [" ".join(dice.sample(usual, 2)) for _ in range(_QUERIES)],
        "a rare and a common word": [
            f"{dice.choice(rare)} {dice.choice(common)}" for _ in range(_QUERIES)
        ],
        "two letters": [dice.choice(words)[:2] for _ in range(_QUERIES)],
        "a usual word's beginning": [dice.choice(usual)[:4] for _ in range(_QUERIES)],
        "a phrase of common words": [
            f'"{" ".join(dice.sample(common, 2))}"' for _ in range(_QUERIES)
        ],
    }
    return kinds


async def _measure(library: _Library, kinds: dict[str, list[str]]) -> dict[str, list[float]]:
    """Seconds of what `GET /api/search` asks of the catalog, after one round unmeasured."""
    database = Database(f"sqlite+aiosqlite:///{library.path}")
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    try:
        for number in range(_ROUNDS + 1):
            for kind, queries in kinds.items():
                for query in queries:
                    seconds = await _search(database, query)
                    if number:
                        taken[kind].append(seconds)
    finally:
        await database.dispose()
    return taken


async def _search(database: Database, query: str) -> float:
    started = time.perf_counter()
    terms = search_terms.parse(query)
    async with database.read() as session:
        await search.videos(session, terms, limit=_LIMIT)
        await moments.in_all_videos(session, terms, limit=_LIMIT)
    return time.perf_counter() - started


def _library(folder: Path, language: _Language, videos: int) -> _Library:
    """A library that came in video by video, through the triggers, as it would have."""
    path = folder / f"search-{videos}.db"
    asyncio.run(_migrate(path))
    dice = random.Random(videos)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -200000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.executemany(
            "INSERT INTO categories (name, slug, description, created_at) VALUES (?, ?, '', ?)",
            (
                (f"{word} {number}", f"category-{number}", _moment(0))
                for number, word in enumerate(language.words[100:120])
            ),
        )
        for first in range(0, videos, _BATCH):
            connection.execute("BEGIN IMMEDIATE")
            _add_videos(connection, language, dice, range(first, min(first + _BATCH, videos)))
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return _Library(path, videos, _megabytes(connection))


async def _migrate(path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        await migrate(database)
    finally:
        await database.dispose()


def _moment(number: int) -> str:
    return (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=number)).strftime(_MOMENT)


def _add_videos(
    connection: sqlite3.Connection, language: _Language, dice: random.Random, numbers: range
) -> None:
    titles = language.text(dice, 5, len(numbers))
    descriptions = language.text(dice, 40, len(numbers))
    connection.executemany(
        "INSERT INTO slugs (slug, created_at) VALUES (?, ?)",
        ((f"video-{number}", _moment(number)) for number in numbers),
    )
    video = {
        "id": 0,
        "title": "",
        "slug": "",
        "description": "",
        "category_id": 0,
        "status": "ready",
        "created_at": "",
        "visibility": "public",
        "published_at": "",
        "playable_at": "",
        "revision": 1,
        "has_thumbnail": 0,
        "origin": "upload",
        "source_filename": "",
        "source_present": 0,
    }
    columns, marks = ", ".join(video), ", ".join(f":{name}" for name in video)
    connection.executemany(
        f"INSERT INTO videos ({columns}) VALUES ({marks})",
        (
            video
            | {
                "id": number + 1,
                "title": title,
                "slug": f"video-{number}",
                "description": description,
                "category_id": number % 20 + 1,
                "visibility": "public" if number % _PRIVATE_EVERY else "private",
            }
            | dict.fromkeys(("created_at", "published_at", "playable_at"), _moment(number))
            for number, title, description in zip(numbers, titles, descriptions, strict=True)
        ),
    )
    connection.executemany(
        "INSERT INTO transcriptions (id, video_id, language, name, origin, word_count, version,"
        " created_at, updated_at) VALUES (?, ?, 'en', '', 'automatic', 400, 1, ?, ?)",
        ((number + 1, number + 1, _moment(number), _moment(number)) for number in numbers),
    )
    connection.executemany(
        'INSERT INTO cues (transcription_id, start, "end", text) VALUES (?, ?, ?, ?)',
        _cues(language, dice, numbers),
    )


def _cues(
    language: _Language, dice: random.Random, numbers: range
) -> Iterator[tuple[int, float, float, str]]:
    for number in numbers:
        texts = language.text(dice, _WORDS_PER_CUE, _CUES_PER_VIDEO)
        for place, text in enumerate(texts):
            yield number + 1, 4.0 * place, 4.0 * place + 4, text


def _megabytes(connection: sqlite3.Connection) -> dict[str, float]:
    """What the index and the rows that are in it take on the disk."""
    pages = dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    index = sum(size for name, size in pages.items() if full_text.is_part_of_index(name))
    return {"index": index / 1e6, "rows": (pages["videos"] + pages["cues"]) / 1e6}
