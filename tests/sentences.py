"""What an error says to a person."""

from __future__ import annotations

from vlog.errors import VLogError

_LONGEST = 600


def assert_one_sentence(error: VLogError) -> None:
    """It fits on one line of a screen or two, whatever somebody wrote that was wrong."""
    assert error.detail.strip()
    assert error.detail.isprintable(), error.detail
    assert len(error.detail) <= _LONGEST
