"""What is wrong with captions that somebody brings."""

from __future__ import annotations

from vlog.errors import Invalid


class CaptionsInvalid(Invalid):
    """These captions cannot be used."""

    code = "captions_invalid"
    title = "Captions not usable"

    @classmethod
    def at(cls, line: int, what: str) -> CaptionsInvalid:
        """The sentence for one line of a file, counted from 1."""
        return cls(f"Line {line}: {what}")
