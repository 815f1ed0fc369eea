"""Requests that go on for long, so that they end when who sent them may not be here any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import anyio

from vlog.web.callers import Caller

# What takes no longer than this is not looked at.
_SHORT_SECONDS = 3.0


@dataclass(frozen=True, eq=False)
class _Stay:
    caller: Caller
    since: float
    scope: anyio.CancelScope


class Presence:
    """Who is here now, such as an open stream of events or an upload."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stays: set[_Stay] = set()

    @contextmanager
    def of(self, caller: Caller) -> Iterator[anyio.CancelScope]:
        """A context around one request of theirs."""
        with anyio.CancelScope() as scope:
            stay = _Stay(caller, self._clock(), scope)
            self._stays.add(stay)
            try:
                yield scope
            finally:
                self._stays.discard(stay)

    def numbers(self, kind: str) -> set[int]:
        """The sessions or tokens that have a request which goes on for long."""
        before = self._clock() - _SHORT_SECONDS
        return {
            stay.caller.number
            for stay in self._stays
            if stay.caller.kind == kind and stay.since <= before
        }

    def end(self, kind: str, numbers: set[int]) -> None:
        """End every request of these sessions or tokens."""
        for stay in self._stays:
            if stay.caller.kind == kind and stay.caller.number in numbers:
                stay.scope.cancel()
