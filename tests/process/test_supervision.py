"""Loops that crash, return, recover and stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from vlog.process.supervision import Backoff, Health, TaskHealth, beat, supervise

QUICK = Backoff(first=0.001, most=0.004, stable=60.0)


def _started() -> Health:
    health = Health()
    health.started = True
    return health


@asynccontextmanager
async def _supervised(loop: object, health: Health) -> AsyncIterator[anyio.Event]:
    assert callable(loop)
    stop = anyio.Event()
    task = asyncio.create_task(supervise("worker", loop, stop, health, QUICK))
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(5):
            await task


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)


async def test_a_crashed_loop_is_started_again_and_goes_on() -> None:
    health, runs = _started(), 0
    working = asyncio.Event()

    async def loop(stop: anyio.Event) -> None:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise RuntimeError("no luck")
        working.set()
        await stop.wait()

    async with _supervised(loop, health):
        await asyncio.wait_for(working.wait(), 5)
        assert health.tasks["worker"].restarts == 2
        assert health.tasks["worker"].last_error == "RuntimeError: no luck"
        assert health.problems() == []


async def test_a_crash_loop_is_a_problem_and_never_leaves_the_supervisor() -> None:
    health = _started()

    async def loop(stop: anyio.Event) -> None:
        raise RuntimeError("no luck")

    async with _supervised(loop, health):
        await _until(lambda: bool(health.problems()))
        (sentence,) = health.problems()
        assert "worker" in sentence
        assert "no luck" not in sentence


async def test_a_loop_that_returns_by_itself_is_started_again() -> None:
    health, runs = _started(), 0

    async def loop(stop: anyio.Event) -> None:
        nonlocal runs
        runs += 1

    async with _supervised(loop, health):
        await _until(lambda: runs >= 3)
    assert health.tasks["worker"].last_error == "it returned"


async def test_a_stop_is_no_crash_and_ends_the_pause_between_restarts() -> None:
    health = _started()
    entered = asyncio.Event()

    async def loop(stop: anyio.Event) -> None:
        entered.set()
        raise RuntimeError("no luck")

    stop = anyio.Event()
    slow = Backoff(first=3600.0, most=3600.0)
    task = asyncio.create_task(supervise("worker", loop, stop, health, slow))
    await asyncio.wait_for(entered.wait(), 5)
    stop.set()
    await asyncio.wait_for(task, 5)
    assert health.tasks["worker"].restarts == 1


async def test_a_cancellation_is_passed_on() -> None:
    async def loop(stop: anyio.Event) -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(supervise("worker", loop, anyio.Event(), _started(), QUICK))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_old_crashes_are_forgotten() -> None:
    task = TaskHealth()
    task.crashes.extend([0.0, 100.0])
    assert not task.looping(100.0)
    task.crashes.append(200.0)
    assert task.looping(200.0)
    assert not task.looping(1000.0)
    task.crashes.append(1000.0)
    assert not task.looping(1000.0)


def test_readiness_follows_the_life_of_the_process() -> None:
    health = Health()
    assert health.problems() == ["VLog is starting."]
    health.started = True
    assert health.problems() == []
    health.stopping = True
    assert health.problems() == ["VLog is stopping."]


async def test_a_sign_of_life_needs_a_check_that_succeeds_in_time() -> None:
    signs: list[int] = []
    checks = 0

    async def check() -> None:
        nonlocal checks
        checks += 1
        if checks == 2:
            raise RuntimeError("the database is away")
        if checks == 3:
            await asyncio.Event().wait()

    stop = anyio.Event()
    task = asyncio.create_task(beat("watchdog", 0.01, check, stop, lambda: signs.append(checks)))
    await _until(lambda: checks >= 5)
    stop.set()
    await asyncio.wait_for(task, 5)
    assert signs[:2] == [1, 4]
