"""What a credential may be used for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

Scope = Literal["read", "upload", "edit", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
EVERYTHING: frozenset[Scope] = frozenset(SCOPES)

_CONTAINED: dict[Scope, frozenset[Scope]] = {
    "read": frozenset(),
    "upload": frozenset(),
    "edit": frozenset(("read",)),
    "admin": EVERYTHING,
}


def granted(scopes: Iterable[str]) -> frozenset[Scope]:
    """All that these scopes allow: `edit` contains `read`, `admin` contains everything."""
    found: set[Scope] = set()
    for scope in SCOPES:
        if scope in scopes:
            found |= {scope, *_CONTAINED[scope]}
    return frozenset(found)
