"""Waiting in loops, and work that is either not begun or done to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def woken(wake: asyncio.Event, others: set[asyncio.Task[None]], seconds: float) -> None:
    """Wait until a loop is woken or one of the other tasks ends, and no longer than `seconds`."""
    waking = asyncio.create_task(wake.wait(), name="wait to be woken")
    try:
        await asyncio.wait({waking, *others}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waking.cancel()


async def to_the_end(
    work: Coroutine[Any, Any, T], *, name: str, hurry: Callable[[], None] | None = None
) -> T:
    """Run `work` to its end even when the caller is cancelled; that is told only afterwards.

    `work` must be short, or become so when `hurry` is called: the end of the process waits for it.
    """
    task = asyncio.create_task(work, name=name)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if hurry is not None:
            hurry()
        # gather() would hand its own cancellation on to the task; wait() does not.
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue
        if not task.cancelled():
            task.exception()
        raise
