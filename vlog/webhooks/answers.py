"""What comes of one attempt to reach a receiver."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What a receiver said. `body` is its beginning; `latency` in seconds."""

    status: int
    body: str
    latency: float
    retry_after: float | None


class NoAnswer(Exception):
    """There was none; the text says why."""
