"""The number of a request: in its answer, in every log record made for it, in what goes wrong."""

from __future__ import annotations

import random
import re
from contextlib import AbstractContextManager

from starlette.types import Scope

from vlog.logs import noted, noted_value

HEADER = b"x-request-id"
_KEY = "request_id"
# What proxies send: hexadecimal, UUIDs, ULIDs. Nothing else gets into the log.
_ACCEPTED = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def request_id_of(scope: Scope) -> str:
    """The number that a proxy has given to a request, or a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and _ACCEPTED.fullmatch(value):
            return str(value, "ascii")
    # It is to be found again, and no secret: it need not be one that nobody can guess.
    return f"{random.getrandbits(64):016x}"


def bound(request_id: str) -> AbstractContextManager[None]:
    """A context in which every log record has the number, also those of tasks begun in it."""
    return noted(**{_KEY: request_id})


def current_request_id() -> str | None:
    """The number of the request that is being answered here, if one is."""
    found = noted_value(_KEY)
    return found if isinstance(found, str) else None
