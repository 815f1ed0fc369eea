"""Answers are kept until something is written, and not for long."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from vlog.database.engine import Database
from vlog.database.remembered import Remembered
from vlog.errors import NotFound


class _Asked:
    def __init__(self, answer: bool = True) -> None:
        self.times = 0
        self.answer = answer

    async def __call__(self) -> bool:
        self.times += 1
        return self.answer


async def _write(database: Database) -> None:
    await database.write(lambda session: session.execute(text("DELETE FROM viewers")))


async def test_an_answer_is_asked_for_once(database: Database) -> None:
    remembered: Remembered[bool] = Remembered(database)
    asked = _Asked()
    assert [await remembered.get("a", asked) for _ in range(3)] == [True] * 3
    assert asked.times == 1
    other = _Asked(answer=False)
    assert await remembered.get("b", other) is False


async def test_after_a_write_it_is_asked_for_again(database: Database) -> None:
    remembered: Remembered[bool] = Remembered(database)
    asked = _Asked()
    await remembered.get("a", asked)
    await _write(database)
    asked.answer = False
    assert await remembered.get("a", asked) is False


async def test_an_answer_from_before_a_write_is_not_kept_after_it(database: Database) -> None:
    remembered: Remembered[bool] = Remembered(database)

    async def slow() -> bool:
        await _write(database)
        return True

    await remembered.get("a", slow)
    asked = _Asked(answer=False)
    assert await remembered.get("a", asked) is False


async def test_what_depends_on_the_clock_is_asked_for_again_after_a_second(
    database: Database,
) -> None:
    moment = 100.0
    remembered: Remembered[bool] = Remembered(database, lambda: moment)
    asked = _Asked()
    await remembered.get("a", asked)
    moment = 100.9
    await remembered.get("a", asked)
    assert asked.times == 1
    moment = 101.1
    await remembered.get("a", asked)
    assert asked.times == 2


async def test_a_refusal_is_not_kept(database: Database) -> None:
    remembered: Remembered[bool] = Remembered(database)

    async def refuse() -> bool:
        raise NotFound

    with pytest.raises(NotFound):
        await remembered.get("a", refuse)
    assert await remembered.get("a", _Asked()) is True
