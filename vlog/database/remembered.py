"""Answers of the database that are asked for again and again, such as who may see a video."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from vlog.database.engine import Database

T = TypeVar("T")

# What depends on the clock, such as a time of publication, is late by no more than this.
_LONGEST_SECONDS = 1.0
_MOST_ANSWERS = 10_000


class Remembered(Generic[T]):
    """Answers that are kept until anything is written, and for a second at most.

    One process owns the database, so it sees every commit. Errors are not kept.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._answers: dict[Hashable, T] = {}
        self._commits = -1
        self._until = 0.0

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to `key`, asked for where it is not known. Raises what `ask` raises."""
        moment, commits = self._clock(), self._database.commits
        if commits != self._commits or moment >= self._until:
            self._answers = {}
            self._commits, self._until = commits, moment + _LONGEST_SECONDS
        if key in self._answers:
            return self._answers[key]
        kept = self._answers
        answer = await ask()
        # Asked before a commit, an answer may not be kept after it.
        if (
            kept is self._answers
            and self._database.commits == commits
            and len(kept) < _MOST_ANSWERS
        ):
            kept[key] = answer
        return answer
