"""Uploads let those pass who wait for an answer, take turns, and come to their end all the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from vlog.courtesy import Courtesy


@contextmanager
def _asking(courtesy: Courtesy) -> Iterator[None]:
    courtesy.arrive()
    try:
        yield
    finally:
        courtesy.leave()


async def test_an_upload_waits_until_everybody_has_an_answer() -> None:
    courtesy = Courtesy(longest_seconds=20)
    with _asking(courtesy):
        with _asking(courtesy):
            waiting = asyncio.create_task(courtesy.give_way())
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.05)
        assert not waiting.done(), "one of two is answered"
    async with asyncio.timeout(5):
        await waiting


async def test_nobody_waits_for_long() -> None:
    courtesy = Courtesy(longest_seconds=0.05)
    with _asking(courtesy):
        started = time.monotonic()
        async with asyncio.timeout(5):
            await courtesy.give_way()
        assert time.monotonic() - started >= 0.04


async def test_one_upload_goes_on_in_each_turn_of_the_loop() -> None:
    courtesy = Courtesy()
    loop = asyncio.get_running_loop()
    turn, went_on = 0, list[int]()

    def count() -> None:
        nonlocal turn
        turn += 1
        if len(went_on) < 40:
            loop.call_soon(count)

    async def upload() -> None:
        for _ in range(10):
            await courtesy.give_way()
            went_on.append(turn)

    loop.call_soon(count)
    await asyncio.gather(*(upload() for _ in range(4)))
    assert len(went_on) == 40
    assert len(set(went_on)) == 40, "two uploads went on in one turn"


async def test_who_stops_waiting_leaves_nothing_behind() -> None:
    courtesy = Courtesy(longest_seconds=20)
    with _asking(courtesy):
        waiting = asyncio.create_task(courtesy.give_way())
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(5):
        await courtesy.give_way()


async def test_uploads_rest_now_and_then_only_while_there_are_visitors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests = list[float]()
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        rests.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", noted)
    courtesy = Courtesy()
    for _ in range(16):
        await courtesy.give_way()
    assert rests == [0] * 16, "nobody is there"
    with _asking(courtesy):
        pass
    rests.clear()
    for _ in range(16):
        await courtesy.give_way()
    assert rests == ([0] * 7 + [0.001]) * 2
