"""Who asks the admin app, once that is known."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.types import Scope as RequestScope

from vlog.catalog.audit import Actor, ActorKind
from vlog.catalog.scopes import EVERYTHING, Scope

_KEY = "vlog.caller"


@dataclass(frozen=True)
class Caller:
    """Somebody who may be here. `number` is that of the session or token."""

    kind: ActorKind
    scopes: frozenset[Scope]
    name: str = ""
    number: int = 0

    @property
    def actor(self) -> Actor:
        """As the audit log has it."""
        return Actor(self.kind, self.name)

    @property
    def key(self) -> Hashable:
        """What tells callers apart."""
        return (self.kind, self.number)


# On this machine, where no password is set.
LOCAL = Caller("local", EVERYTHING)
# With the name and the password in the request itself.
WITH_PASSWORD = Caller("password", EVERYTHING)
STRANGER = Actor("stranger")


def keep_caller(scope: RequestScope, caller: Caller) -> None:
    """Let the handlers know."""
    scope[_KEY] = caller


def caller_of(connection: HTTPConnection) -> Caller | None:
    """Who asks; None on routes that are open to everybody."""
    found: Caller | None = connection.scope.get(_KEY)
    return found
