"""How many requests one visitor may have in flight. Pure ASGI."""

from __future__ import annotations

from collections import Counter

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from vlog.errors import TooManyRequestsAtOnce
from vlog.settings import is_loopback
from vlog.web.problems import problem_of
from vlog.web.visits import network_of

# A browser opens six connections; a company behind one address needs more.
MOST_IN_FLIGHT = 200


class VisitorLimit:
    """Keeps one address from taking all the room that there is for requests.

    This machine itself is let through: a proxy here that says for whom it asks is not seen as it.
    """

    def __init__(self, app: ASGIApp, most_in_flight: int = MOST_IN_FLIGHT) -> None:
        self.app = app
        self.most_in_flight = most_in_flight
        self._in_flight: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_loopback(_host(scope)):
            await self.app(scope, receive, send)
            return
        network = network_of(HTTPConnection(scope))
        if self._in_flight[network] >= self.most_in_flight:
            await problem_of(TooManyRequestsAtOnce())(scope, receive, send)
            return
        self._in_flight[network] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._in_flight[network] -= 1
            if not self._in_flight[network]:
                del self._in_flight[network]


def _host(scope: Scope) -> str:
    return str((scope.get("client") or ("", 0))[0])
