"""Which scope each route of the admin app asks for. What nobody thought of asks for the most.

An operation may name its scope; otherwise it is derived from method and path, so that a route that
is added and says nothing is protected all the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope as RequestScope

from vlog.catalog.scopes import Scope
from vlog.web.operations import Operation, Security

# Open on purpose: signs of life, and what somebody needs to sign in, with how it looks.
OPEN = frozenset(
    (
        "/healthz",
        "/readyz",
        "/sign-in",
        "/set-up",
        "/sign-out",
        "/assets/{name}",
        "/branding/{name}",
    )
)
# Credentials, what was done with them, files of the machine itself, and what changes the whole
# installation.
_ADMIN = frozenset(
    (
        "account",
        "audit",
        "audit-log",
        "backup",
        "backups",
        "imports",
        "sessions",
        "settings",
        "tokens",
        "webhooks",
    )
)
_UPLOADS = frozenset((("POST", "/api/videos"), ("PUT", "/api/videos/file/{filename}")))
_READING = ("GET", "HEAD", "OPTIONS")
_WRITING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Requirement:
    """What a request asks of who sends it, and what it is called in the audit log.

    Without `scope` everybody may send it who may be here at all: there is nothing at its address.
    """

    scope: Scope | None
    is_open: bool = False
    action: str = ""
    summary: str = ""


def derived_scope(method: str, path: str) -> Scope:
    """What a route asks for that does not say so itself."""
    words = path.strip("/").split("/")
    if words[0] == "api":
        words = words[1:]
    first = words[0] if words else ""
    if first in _ADMIN:
        return "admin"
    if first == "uploads" or (method, path) in _UPLOADS:
        return "upload"
    if method in _READING:
        return "read"
    return "edit" if method in _WRITING else "admin"


def scope_of(operation: Operation) -> Scope:
    """What an operation asks for."""
    return operation.scope or derived_scope(operation.method, operation.path)


def _security_of(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.path in OPEN:
        return []
    return [{"token": [scope_of(operation)]}, {"password": []}, {"session": []}]


ADMIN_SECURITY = Security(
    schemes={
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token with the scope that the operation names",
        },
        "password": {
            "type": "http",
            "scheme": "basic",
            "description": "The name `admin` with the password",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "vlog_session",
            "description": "A browser that is signed in; over TLS `__Host-vlog_session`",
        },
    },
    of=_security_of,
)


class Requirements:
    """The routes of the admin app with what each asks for."""

    def __init__(self, routes: Sequence[BaseRoute], operations: Iterable[Operation]) -> None:
        self.routes = routes
        self.operations = {
            (operation.method, operation.path): operation for operation in operations
        }
        # A route serves so few methods that nobody can make this large.
        self._known: dict[tuple[int, str], Requirement] = {}

    def of(self, scope: RequestScope) -> tuple[Requirement, dict[str, Any]]:
        """What one request asks for, and the parameters in its path.

        It is looked up just as Starlette's router does it.
        """
        partial: BaseRoute | None = None
        for route in self.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return self._remembered(route, scope["method"]), child.get("path_params", {})
            if match is Match.PARTIAL and partial is None:
                partial = route
        if partial is not None:
            return self._of_route(partial, scope["method"]), {}
        return Requirement(None), {}

    def _remembered(self, route: BaseRoute, method: str) -> Requirement:
        key = (id(route), method)
        if key not in self._known:
            self._known[key] = self._of_route(route, method)
        return self._known[key]

    def _of_route(self, route: BaseRoute, method: str) -> Requirement:
        if not isinstance(route, Route):
            return Requirement("admin", action=type(route).__name__)
        operation = self.operations.get((method, route.path))
        if operation is None and method == "HEAD":
            operation = self.operations.get(("GET", route.path))
        handler = operation.handler if operation else route.endpoint
        summary = operation.summary if operation else _first_sentence(handler)
        return Requirement(
            scope=scope_of(operation) if operation else derived_scope(method, route.path),
            is_open=route.path in OPEN,
            action=getattr(handler, "__name__", ""),
            summary=summary,
        )


def _first_sentence(handler: Any) -> str:
    return (inspect.getdoc(handler) or "").partition("\n")[0].rstrip(".")
