"""The number of a request: in its answer, in every log record made for it, in what goes wrong."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from starlette.types import Scope

HEADER = b"x-request-id"
_KEY = "request_id"
# What proxies send: hexadecimal, UUIDs, ULIDs. Nothing else gets into the log.
_ACCEPTED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def request_id_of(scope: Scope) -> str:
    """The number that a proxy has given to a request, or a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and _ACCEPTED.fullmatch(value):
            return str(value, "ascii")
    # To be found again, not to be guessed by nobody: this is for each segment.
    return f"{random.getrandbits(64):016x}"


@contextmanager
def bound(request_id: str) -> Iterator[None]:
    """A context in which every log record has the number, also those of tasks begun in it."""
    tokens = structlog.contextvars.bind_contextvars(**{_KEY: request_id})
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**tokens)


def current_request_id() -> str | None:
    """The number of the request that is being answered here, if one is."""
    found = structlog.contextvars.get_contextvars().get(_KEY)
    return found if isinstance(found, str) else None
