"""Cursors: where a list goes on, as text that a client hands back."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from vlog.errors import BadRequest

_LARGEST_INTEGER = 2**63 - 1


def encode(values: list[Any]) -> str:
    """A position as text."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[Any]:
    """The position, with so many values. Raises BadRequest for what `encode` did not make."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError, binascii.Error) as error:
        raise invalid() from error
    if not isinstance(values, list) or len(values) != length:
        raise invalid()
    if any(isinstance(value, int) and abs(value) > _LARGEST_INTEGER for value in values):
        raise invalid()
    return values


def moment(value: Any) -> datetime:
    """A moment in a position. Raises BadRequest."""
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise invalid()
        return found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise invalid() from error


def text(value: Any) -> str:
    """A text in a position. Raises BadRequest."""
    try:
        # Half of a surrogate pair is in no text that the database has.
        return str(value).encode().decode()
    except UnicodeError as error:
        raise invalid() from error


def number(value: Any) -> int:
    """An id or a count in a position. Raises BadRequest."""
    if not isinstance(value, int) or value < 0:
        raise invalid()
    return value


def invalid() -> BadRequest:
    """The error for a cursor that VLog did not give out."""
    return BadRequest("This page link is not valid any more. Go back to the first page.")
