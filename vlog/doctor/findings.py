"""What one look found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["well", "warning", "broken"]


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do where it is not well.

    `broken`: VLog does not start, or loses something. `warning`: something does not work, or will
    not for long.
    """

    name: str
    state: State
    sentence: str
    cure: str = ""


def well(name: str, sentence: str) -> Finding:
    """All is as it should be."""
    return Finding(name, "well", sentence)


def warning(name: str, sentence: str, cure: str) -> Finding:
    """Something does not work, but the rest does."""
    return Finding(name, "warning", sentence, cure)


def broken(name: str, sentence: str, cure: str) -> Finding:
    """VLog cannot work like this."""
    return Finding(name, "broken", sentence, cure)
