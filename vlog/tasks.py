"""Work that is either not begun or done to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(work: Coroutine[Any, Any, T], *, name: str) -> T:
    """Run `work` to its end even when the caller is cancelled; that is told only afterwards.

    `work` must be short: the end of the process waits for it.
    """
    task = asyncio.create_task(work, name=name)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # gather() would hand its own cancellation on to the task; wait() does not.
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue
        if not task.cancelled():
            task.exception()
        raise
