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
        page = self.page()
        if key in page:
            return page[key]
        answer = await ask()
        self.keep(page, key, answer)
        return answer

    def look(self, key: Hashable) -> T | None:
        """The answer to `key` where it is known."""
        return self.page().get(key)

    def page(self) -> dict[Hashable, T]:
        """What is known at this moment. To be had before an answer is looked for."""
        moment, commits = self._clock(), self._database.commits
        if commits != self._commits or moment >= self._until:
            self._answers = {}
            self._commits, self._until = commits, moment + _LONGEST_SECONDS
        return self._answers

    def keep(self, page: dict[Hashable, T], key: Hashable, answer: T) -> None:
        """Keep an answer, unless something was written since `page` was had."""
        if page is self.page() and len(page) < _MOST_ANSWERS:
            page[key] = answer
