"""Signing in and out, and setting the first password. Plain forms."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vlog.catalog import admin_sessions, passwords
from vlog.catalog.admin_sessions import Visitor
from vlog.catalog.audit import Actor
from vlog.errors import Conflict, Forbidden, Invalid, VLogError, WrongPassword
from vlog.logs import get_logger
from vlog.web import set_up_link
from vlog.web.admin_access import AdminAccess, access_of
from vlog.web.admin_pages import private_page
from vlog.web.audit_notes import note_of
from vlog.web.browser_names import browser_name
from vlog.web.callers import Caller
from vlog.web.credentials import SIGN_IN
from vlog.web.forms import inner_address, read_fields
from vlog.web.password_door import Proof
from vlog.web.session_cookies import clear_session, set_session
from vlog.web.visits import address_of, network_of

log = get_logger(__name__)

_NO_PASSWORD = (
    "No password is set yet. Open the set-up link that VLog printed when it started, "
    "or run `vlog passwd` on the machine where it runs."
)
_DEAD_LINK = (
    "This set-up link does not work any more: it was used, or it is older than a day. "
    "Restart VLog for a new one, or run `vlog passwd` on the machine where it runs."
)


def sign_in_routes() -> list[Route]:
    """Open to everybody; what they do is decided here."""
    return [
        Route(SIGN_IN, sign_in_page, methods=["GET"], name="sign_in_page"),
        Route(SIGN_IN, sign_in, methods=["POST"], name="sign_in"),
        Route("/sign-out", sign_out, methods=["POST"], name="sign_out"),
        Route(set_up_link.PATH, set_up_page, methods=["GET"], name="set_up_page"),
        Route(set_up_link.PATH, set_up, methods=["POST"], name="set_up"),
    ]


async def sign_in_page(request: Request) -> Response:
    """The form that asks for the password."""
    access, onward = access_of(request), inner_address(request.query_params.get("next", "/"))
    if await _known(request, access) is not None:
        return RedirectResponse(onward, 303)
    error = "" if await access.door.is_set() else _NO_PASSWORD
    return _sign_in_form(request, onward, error)


async def sign_in(request: Request) -> Response:
    """Sign in."""
    access, fields = access_of(request), await read_fields(request)
    onward = inner_address(fields.text("next") or "/")
    try:
        if not await access.door.is_set():
            raise Conflict(_NO_PASSWORD)
        proof = await access.door.opens(fields.text("password"), network_of(request))
        if proof is None:
            raise WrongPassword
        return await _signed_in(request, access, proof, onward)
    except VLogError as error:
        return _sign_in_form(request, onward, error.detail, error.status)


async def sign_out(request: Request) -> Response:
    """Sign out."""
    access = access_of(request)
    caller = await _known(request, access)
    if caller is not None and caller.kind == "session":
        note_of(request).actor = caller.actor
        await access.database.write(
            lambda session: admin_sessions.end(session, caller.number), name="sign out"
        )
    response = RedirectResponse(SIGN_IN, 303)
    clear_session(request, response, access.settings)
    return response


async def set_up_page(request: Request) -> Response:
    """The form that sets the first password."""
    access = access_of(request)
    if await access.door.is_set():
        return RedirectResponse(SIGN_IN, 303)
    key = request.query_params.get("key", "")
    if not await _may_set_up(request, access, key):
        return _set_up_form(request, "", _DEAD_LINK, Forbidden.status)
    return _set_up_form(request, key)


async def set_up(request: Request) -> Response:
    """Set the first password."""
    access, fields = access_of(request), await read_fields(request)
    key, password = fields.text("key"), fields.text("password")
    if not await _may_set_up(request, access, key):
        return _set_up_form(request, "", _DEAD_LINK, Forbidden.status)
    try:
        proof = await set_first_password(access, password, fields.text("again"))
    except VLogError as error:
        return _set_up_form(request, key, error.detail, error.status)
    access.set_up.use_up()
    log.info("The first password was set.", action="password_set")
    return await _signed_in(request, access, proof, "/account?done=password")


async def set_first_password(access: AdminAccess, password: str, again: str) -> Proof:
    """Set it, unless there is one. Raises Invalid, Conflict, Unavailable."""
    if access.door.is_fixed:
        raise Conflict("The password is the one in `[admin] password_file`.")
    check_new(password, again)
    hashed = await access.door.hash(password)
    set_at = await access.database.write(
        lambda session: passwords.store_first(session, hashed), name="set the first password"
    )
    return Proof(set_at)


def check_new(password: str, again: str) -> None:
    """Refuse what is no good as a new password, or was not typed the same twice. Raises Invalid."""
    passwords.check(password)
    if password != again:
        raise Invalid("The two passwords are not the same. Type them again.")


async def _signed_in(request: Request, access: AdminAccess, proof: Proof, onward: str) -> Response:
    """Begin a session, in the place of the one that this browser may have had.

    Raises:
        WrongPassword: since it was proved the password was changed, and all sessions were ended.
    """
    before = await _known(request, access)
    agent = request.headers.get("user-agent", "")
    visitor = Visitor(agent, address_of(request))

    async def work(session: AsyncSession) -> str:
        stored = None if proof.set_at is None else await passwords.stored(session)
        if proof.set_at is not None and (stored is None or stored.changed_at != proof.set_at):
            raise WrongPassword
        if before is not None and before.kind == "session":
            await admin_sessions.end(session, before.number)
        return await admin_sessions.start(session, visitor, access.lifetime)

    token = await access.database.write(work, name="sign in")
    note_of(request).actor = Actor("session", browser_name(agent))
    response = RedirectResponse(onward, 303)
    set_session(request, response, access.settings, token, access.lifetime.longest)
    return response


async def _may_set_up(request: Request, access: AdminAccess, key: str) -> bool:
    if access.set_up.opens(key):
        return True
    caller = await _known(request, access)
    return caller is not None and caller.kind == "local"


async def _known(request: Request, access: AdminAccess) -> Caller | None:
    try:
        return await access.identify(request)
    except VLogError:
        return None


def _sign_in_form(request: Request, onward: str, error: str = "", status: int = 200) -> Response:
    return private_page(request, "admin/sign_in.html", status=status, onward=onward, error=error)


def _set_up_form(request: Request, key: str, error: str = "", status: int = 200) -> Response:
    return private_page(
        request,
        "admin/set_up.html",
        status=status,
        key=key,
        error=error,
        dead=status == Forbidden.status,
        shortest=passwords.SHORTEST,
    )
