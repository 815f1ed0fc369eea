"""Who may use the admin app: recognises browsers, programs and the person at this machine."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection, Request

from vlog.catalog import admin_sessions, api_tokens
from vlog.catalog.admin_sessions import Lifetime
from vlog.catalog.scopes import EVERYTHING, granted
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.remembered import Remembered
from vlog.database.schema import AdminSession, ApiToken
from vlog.errors import PasswordNeeded, Unauthorized, WrongCredential, WrongPassword
from vlog.logs import get_logger
from vlog.settings import Settings, is_loopback
from vlog.web.audit_notes import AuditLog
from vlog.web.browser_names import browser_name
from vlog.web.callers import LOCAL, WITH_PASSWORD, Caller
from vlog.web.password_door import PasswordDoor
from vlog.web.presence import Presence
from vlog.web.rate_limit import Once
from vlog.web.session_cookies import session_token
from vlog.web.set_up_link import SetUpLink
from vlog.web.shown_once import ShownOnce
from vlog.web.visits import address_of, network_of

log = get_logger(__name__)

Touch = Callable[[AsyncSession, int, str], Awaitable[None]]

USER = "admin"
# How exactly it is known when something was used last.
_VISIT_SECONDS = 60.0
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_NO_PASSWORD = "No password is set yet. Run `vlog passwd` on the machine where VLog runs."


class AdminAccess:
    """Lives as long as the app.

    Args:
        fixed_password: the password from `[admin] password_file`.
    """

    def __init__(self, database: Database, settings: Settings, fixed_password: str | None) -> None:
        self.database = database
        self.settings = settings
        self.door = PasswordDoor(database, fixed_password)
        self.audit_log = AuditLog(database)
        self.set_up = SetUpLink()
        self.presence = Presence()
        self.shown_once = ShownOnce()
        self._visits = Once(_VISIT_SECONDS)
        self._sessions: Remembered[AdminSession | None] = Remembered(database)
        self._tokens: Remembered[ApiToken | None] = Remembered(database)

    @property
    def lifetime(self) -> Lifetime:
        """How long sessions last."""
        admin = self.settings.admin
        return Lifetime(
            timedelta(hours=admin.session_idle_hours), timedelta(days=admin.session_days)
        )

    async def require_password(self, host: str) -> None:
        """Refuse to listen where others can reach us without one. Raises PasswordNeeded."""
        await self.door.note_file()
        alone = is_loopback(host) and is_loopback(self.settings.admin.host)
        if not alone and not await self.door.is_set():
            raise PasswordNeeded

    async def invitation(self, base: str) -> str:
        """What the terminal says while no password is set: how to set one. Else nothing."""
        if await self.door.is_set():
            return ""
        link = self.set_up.make(base)
        log.info(
            "The panel has no password and answers this machine alone. The link sets one.",
            action="set_up_link",
            url=link,
        )
        return f"\nThe panel has no password yet. This link sets one, once, within a day:\n{link}"

    async def identify(self, visitor: HTTPConnection) -> Caller | None:
        """Who asks; None for somebody we do not know.

        Raises:
            WrongCredential: they say who they are, and it is not true.
            TooManyRequests, Unavailable: nothing was looked at.
        """
        if (header := visitor.headers.get("authorization")) is not None:
            return await self._of_header(visitor, header)
        if (found := await self._of_session(visitor)) is not None:
            return found
        return LOCAL if await self._is_open_to(visitor) else None

    async def _of_header(self, visitor: HTTPConnection, header: str) -> Caller:
        kind, _, value = header.partition(" ")
        if kind.lower() == "bearer":
            return await self._of_token(visitor, value.strip())
        if kind.lower() == "basic":
            return await self._of_password(visitor, value.strip())
        raise Unauthorized("Send `Authorization: Bearer` with an API token.")

    async def _of_token(self, visitor: HTTPConnection, text: str) -> Caller:
        async def ask() -> ApiToken | None:
            async with self.database.read() as session:
                return await api_tokens.find(session, text)

        token = await self._tokens.get(text, ask)
        if token is None or api_tokens.is_over(token):
            raise WrongCredential("This API token is not known, was revoked, or has expired.")
        caller = Caller("token", granted(token.scopes), token.name, token.id)
        await self._note_visit(caller, api_tokens.touch, visitor)
        return caller

    async def _of_password(self, visitor: HTTPConnection, encoded: str) -> Caller:
        """HTTP Basic (RFC 7617) with the name `admin`."""
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError):
            raise WrongPassword("The password could not be read. Send it as UTF-8.") from None
        user, _, password = text.partition(":")
        if not await self.door.is_set():
            raise WrongPassword(_NO_PASSWORD)
        # Whatever the name is, it takes as long.
        proof = await self.door.opens(password, network_of(visitor))
        if proof is None or not hmac.compare_digest(user.encode(), USER.encode()):
            raise WrongPassword("The name must be `admin`, and the password the one you set.")
        return WITH_PASSWORD

    async def _of_session(self, visitor: HTTPConnection) -> Caller | None:
        text = session_token(visitor, self.settings)
        if not text:
            return None

        async def ask() -> AdminSession | None:
            async with self.database.read() as session:
                return await admin_sessions.find(session, text, self.lifetime)

        found = await self._sessions.get(text, ask)
        if found is None:
            return None
        caller = Caller("session", EVERYTHING, browser_name(found.user_agent), found.id)
        await self._note_visit(caller, admin_sessions.touch, visitor)
        return caller

    async def _is_open_to(self, visitor: HTTPConnection) -> bool:
        """Whether they are at this machine, and nobody has set a password.

        What a proxy hands on comes from somewhere else, however near the proxy is.
        """
        client = visitor.client.host if visitor.client else ""
        here = is_loopback(client) and is_loopback(self.settings.admin.host)
        if not here or any(name in visitor.headers for name in _FORWARDED):
            return False
        return not await self.door.is_set()

    async def _note_visit(self, caller: Caller, touch: Touch, visitor: HTTPConnection) -> None:
        if not self._visits.is_new(caller.key):
            return
        address = address_of(visitor)
        try:
            await self.database.write(
                lambda session: touch(session, caller.number, address), name="note a visit"
            )
        except DatabaseUnavailable:
            # Reading must go on while nothing can be written.
            return


def access_of(request: Request) -> AdminAccess:
    """The access of the app that got the request."""
    found: AdminAccess = request.app.state.access
    return found
