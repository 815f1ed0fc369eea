"""The layer of the admin app that lets in, refuses, and has noted what is done."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vlog.catalog.audit import Actor, Deed
from vlog.errors import MissingScope, Unauthorized, VLogError, WrongCredential
from vlog.logs import get_logger
from vlog.web.admin_access import AdminAccess
from vlog.web.audit_notes import Note, NotedRequest
from vlog.web.callers import STRANGER, Caller, keep_caller
from vlog.web.problems import problem_of, wants_page
from vlog.web.requirements import Requirement, Requirements

log = get_logger(__name__)

SIGN_IN = "/sign-in"
_SAFE = ("GET", "HEAD", "OPTIONS")
_FORM = "application/x-www-form-urlencoded"


class Credentials:
    """Nobody comes further without the scope that the route asks for."""

    def __init__(self, app: ASGIApp, access: AdminAccess, requirements: Requirements) -> None:
        self.app = app
        self.access = access
        self.requirements = requirements

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        request = Request(scope)
        asked, parameters = self.requirements.of(scope)
        try:
            caller = None if asked.is_open else await self._let_in(request, asked)
        except VLogError as error:
            await _refusal(error, request)(scope, receive, send)
            return
        if caller is None:
            await self._noting(request, STRANGER, asked, parameters)(scope, receive, send)
            return
        keep_caller(scope, caller)
        app = self._noting(request, caller.actor, asked, parameters)
        with self.access.presence.of(caller) as stay:
            await app(scope, receive, send)
        if stay.cancelled_caught:
            log.info("A request ended with its session or token.", action="cut_off")

    async def _let_in(self, request: Request, asked: Requirement) -> Caller:
        """Who asks, if they may do what they ask for. Raises Unauthorized, MissingScope."""
        try:
            caller = await self.access.identify(request)
        except WrongCredential as error:
            await self._note_refusal(request, STRANGER, error)
            raise
        if caller is None:
            raise Unauthorized
        if asked.scope is not None and asked.scope not in caller.scopes:
            missing = MissingScope(
                f"The API token “{caller.name}” may not do this: it has not the scope "
                f"`{asked.scope}`."
            )
            await self._note_refusal(request, caller.actor, missing, f" ({asked.scope})")
            raise missing
        return caller

    def _noting(
        self, request: Request, actor: Actor, asked: Requirement, parameters: dict[str, Any]
    ) -> ASGIApp:
        """The app; where it writes, with a note of that."""
        if request.method in _SAFE:
            return self.app
        note = Note(request, actor, Deed(asked.action, asked.summary))
        return NotedRequest(self.app, self.access.audit_log, note, parameters)

    async def _note_refusal(
        self, request: Request, actor: Actor, error: VLogError, needed: str = ""
    ) -> None:
        target = f"{request.method} {request.scope['path']}{needed}"
        deed = Deed(error.code, error.title, target, error.status)
        await self.access.audit_log.write(Note(request, actor, deed))


def _refusal(error: VLogError, request: Request) -> Response:
    """A page to sign in for a person, a problem for a program."""
    if isinstance(error, Unauthorized) and "authorization" not in request.headers:
        if wants_page(request):
            there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': there})}", 303)
        if request.headers.get("content-type", "").startswith(_FORM):
            return RedirectResponse(SIGN_IN, 303)
    answer = problem_of(error)
    if isinstance(error, MissingScope):
        # RFC 6750 3.1.
        answer.headers["www-authenticate"] = 'Bearer realm="VLog admin", error="insufficient_scope"'
    return answer
