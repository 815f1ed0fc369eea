"""Every write to the admin app goes into the audit log, before its answer goes out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vlog.catalog import audit
from vlog.catalog.audit import Actor, Deed
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.logs import get_logger
from vlog.web.callers import STRANGER
from vlog.web.rate_limit import RateLimit
from vlog.web.visits import address_of, network_of

log = get_logger(__name__)

_KEY = "vlog.note"
_FINISHED = "vlog-video-id"
# What a POST to these addresses makes.
_KINDS = {
    "/api/videos": "Video",
    "/api/categories": "Category",
    "/api/playlists": "Playlist",
    "/api/tokens": "Token",
    "/api/webhooks": "Webhook",
}
# Strangers may not fill the log: so much a minute is noted of each network, and of all of them.
_OF_ONE, _OF_ALL, _SECONDS = 10, 120, 60.0


class Note:
    """What will be written down of one request. Handlers may know more than its address says."""

    def __init__(self, connection: HTTPConnection, actor: Actor, deed: Deed) -> None:
        self.actor = actor
        self.deed = deed
        self.address = address_of(connection)
        self.network = network_of(connection)

    def about(self, target: str) -> None:
        """Say what was done to."""
        self.deed = replace(self.deed, target=target)


def note_of(connection: HTTPConnection) -> Note:
    """The note of a request that writes."""
    found: Note = connection.scope[_KEY]
    return found


class AuditLog:
    """Where notes go."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._of_one = RateLimit(_OF_ONE, _SECONDS)
        self._of_all = RateLimit(_OF_ALL, _SECONDS)

    async def write(self, note: Note) -> None:
        """Keep a note. Where nothing can be written now, the other log says so."""
        if note.actor is STRANGER and not self._is_heard(note.network):
            return

        async def work(session: AsyncSession) -> None:
            audit.note(session, note.actor, note.address, note.deed)

        try:
            await self.database.write(work, name="audit")
        except DatabaseUnavailable as fault:
            log.warning(
                f"The audit log could not be written: {note.deed.summary}. {fault.detail}",
                action="audit_not_written",
                target=note.deed.target,
                actor=note.actor.kind,
                address=note.address,
            )

    def _is_heard(self, network: str) -> bool:
        return self._of_one.allows(network) and self._of_all.allows("")


class NotedRequest:
    """The app around one request that writes: notes it, then lets the answer out.

    Args:
        parameters: those in the path of the request.
    """

    def __init__(
        self, app: ASGIApp, audit_log: AuditLog, note: Note, parameters: dict[str, Any]
    ) -> None:
        self.app = app
        self.audit_log = audit_log
        self.note = note
        self.parameters = parameters
        self.path = ""
        self._held: Message | None = None
        self._is_part = False
        self._written = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, and note what it answered."""
        scope[_KEY] = self.note
        self.path = scope["path"]
        self._is_part = _is_part(scope)
        await self._name_target()

        async def send_when_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                if _tells_what_was_made(message):
                    self._held = message
                    return
                await self._write(message["status"], Headers(raw=message["headers"]))
            elif self._held is not None:
                held, self._held = self._held, None
                self._learn(message.get("body", b""))
                await self._write(held["status"], Headers(raw=held["headers"]))
                await send(held)
            await send(message)

        try:
            await self.app(scope, receive, send_when_noted)
        except Exception:
            await self._write(500, Headers())
            raise
        finally:
            # Whoever left before there was an answer may have done it all the same.
            await self._write(None, Headers())

    async def _write(self, status: int | None, headers: Headers) -> None:
        if self._written:
            return
        self._written = True
        video = headers.get(_FINISHED)
        if self._is_part and status == 204 and video is None:
            return
        if video is not None:
            self.note.about(f"Video {video}")
        elif status == 201 and "location" in headers and self.note.deed.target == self.path:
            self.note.about(headers["location"])
        self.note.deed = replace(self.note.deed, status=status)
        await self.audit_log.write(self.note)

    async def _name_target(self) -> None:
        if self.path.startswith("/api/"):
            # What a form of the panel is about is said by its name.
            self.note.about(self.path)
        if not self.parameters:
            return
        try:
            async with self.audit_log.database.read() as session:
                named = await audit.target_of(session, self.parameters)
        except DatabaseUnavailable:
            return
        if named:
            self.note.about(named)

    def _learn(self, body: bytes) -> None:
        """What was made, as the answer has it; a part of something goes by the name of that."""
        if self.path not in _KINDS and self.note.deed.target != self.path:
            return
        try:
            made = from_json(body)
        except ValueError:
            return
        number = made.get("id") if isinstance(made, dict) else None
        if isinstance(number, int):
            name = made.get("title") or made.get("name")
            kind = _KINDS.get(self.path, self.path)
            self.note.about(audit.named(kind, number, str(name) if name else None))


def _is_part(scope: Scope) -> bool:
    """Whether it is a part of a file on its way, of which beginning and end are noted."""
    override = Headers(scope=scope).get("x-http-method-override", "")
    method = (override or str(scope["method"])).upper()
    return method in ("PATCH", "HEAD") and scope["path"].startswith("/api/uploads/")


def _tells_what_was_made(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    is_json = headers.get("content-type", "").startswith("application/json")
    return bool(message["status"] == 201 and is_json)
