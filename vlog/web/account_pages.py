"""The page about password, sessions and tokens, and the forms on it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vlog.catalog import admin_sessions, api_tokens, audit, passwords
from vlog.catalog.api_tokens import NewToken
from vlog.database.types import now
from vlog.errors import Conflict, Invalid, VLogError, WrongPassword
from vlog.web import access_queries
from vlog.web.admin_access import AdminAccess, access_of
from vlog.web.admin_pages import private_page
from vlog.web.audit_notes import note_of
from vlog.web.callers import Caller, caller_of
from vlog.web.credentials import SIGN_IN
from vlog.web.forms import Fields, read_fields
from vlog.web.sign_in_pages import check_new
from vlog.web.visits import network_of

ACCOUNT = "/account"
_DONE = {
    "password": "The password is set. All other browsers are signed out.",
    "session": "That browser is signed out.",
    "token": "The token is revoked. Nothing can be done with it any more.",
}
_SCOPES = (
    ("read", "Read", "See everything in the panel."),
    ("upload", "Upload", "Send files. The command vlog upload needs Read as well."),
    ("edit", "Edit", "Change and delete videos. Contains Read."),
    ("admin", "Admin", "Everything, also settings, tokens and this page."),
)
_NEVER = "never"
_LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), (_NEVER, "For ever"))


def account_routes() -> list[Route]:
    """The page and where its forms go."""
    sessions, tokens = f"{ACCOUNT}/sessions", f"{ACCOUNT}/tokens"
    return [
        Route(ACCOUNT, account_page, methods=["GET"], name="account_page"),
        Route(f"{ACCOUNT}/password", change_password, methods=["POST"], name="change_password"),
        Route(f"{sessions}/end", sign_out_everywhere, methods=["POST"], name="end_sessions"),
        Route(
            f"{sessions}/{{session_id:int}}/end", end_session, methods=["POST"], name="end_session"
        ),
        Route(tokens, make_token, methods=["POST"], name="make_token"),
        Route(
            f"{tokens}/{{token_id:int}}/revoke", revoke_token, methods=["POST"], name="revoke_token"
        ),
    ]


async def account_page(request: Request) -> Response:
    """Everything about who may come in."""
    return await _page(request)


async def change_password(request: Request) -> Response:
    """Change the password."""
    access, fields, caller = access_of(request), await read_fields(request), _caller(request)
    own = caller.number if caller.kind == "session" else None
    try:
        if access.door.is_fixed:
            raise Conflict(
                "The password is the one in `[admin] password_file`. Change it there and restart "
                "VLog."
            )
        if await access.door.opens(fields.text("current"), network_of(request)) is None:
            raise WrongPassword("The present password is not right.")
        check_new(fields.text("password"), fields.text("again"))
        hashed = await access.door.hash(fields.text("password"))
    except VLogError as error:
        return await _page(request, password_error=error)

    async def work(session: AsyncSession) -> None:
        await passwords.store(session, hashed)
        await admin_sessions.end_all(session, but=own)

    await access.database.write(work, name="change the password")
    return _back("password")


async def sign_out_everywhere(request: Request) -> Response:
    """Sign out everywhere."""
    await access_of(request).database.write(
        lambda session: admin_sessions.end_all(session), name="end all sessions"
    )
    return RedirectResponse(SIGN_IN, 303)


async def end_session(request: Request) -> Response:
    """Sign a browser out."""
    number = request.path_params["session_id"]
    await access_of(request).database.write(
        lambda session: admin_sessions.require_end(session, number), name="end a session"
    )
    return _back("session")


async def make_token(request: Request) -> Response:
    """Make an API token."""
    access, fields = access_of(request), await read_fields(request)
    try:
        made = await _make_token(access, fields)
    except VLogError as error:
        return await _page(request, token_error=error, token_fields=fields)
    note_of(request).about(audit.named("Token", made.row.id, made.row.name))
    access.shown_once.keep((_caller(request).key, made.row.id), made.text)
    return RedirectResponse(f"{ACCOUNT}?made={made.row.id}#tokens", 303)


async def revoke_token(request: Request) -> Response:
    """Revoke an API token."""
    number = request.path_params["token_id"]
    await access_of(request).database.write(
        lambda session: api_tokens.revoke(session, number), name="revoke a token"
    )
    return _back("token")


async def _make_token(access: AdminAccess, fields: Fields) -> NewToken:
    days = fields.text("days")
    if days not in dict(_LIVES):
        raise Invalid("Choose how long the token works.")
    until = None if days == _NEVER else now() + timedelta(days=int(days))
    name, scopes = fields.text("name"), fields.texts("scope")
    return await access.database.write(
        lambda session: api_tokens.make(session, name, scopes, until), name="make a token"
    )


async def _page(
    request: Request,
    *,
    password_error: VLogError | None = None,
    token_error: VLogError | None = None,
    token_fields: Fields | None = None,
) -> Response:
    access, caller = access_of(request), _caller(request)
    error = password_error or token_error
    made = request.query_params.get("made", "")
    return private_page(
        request,
        "admin/account.html",
        status=error.status if error else 200,
        here="account",
        done=_DONE.get(request.query_params.get("done", ""), ""),
        is_fixed=access.door.is_fixed,
        is_set=await access.door.is_set(),
        sessions=await access_queries.sessions(access, caller),
        tokens=await access_queries.tokens(access),
        new_token=access.shown_once.take((caller.key, int(made))) if made.isdecimal() else None,
        password_error=password_error.detail if password_error else "",
        token_error=token_error.detail if token_error else "",
        token_fields=token_fields or Fields({}),
        scopes=_SCOPES,
        lives=_LIVES,
        shortest=passwords.SHORTEST,
        longest_name=api_tokens.LONGEST_NAME,
    )


def _caller(request: Request) -> Caller:
    found = caller_of(request)
    assert found is not None
    return found


def _back(done: str) -> Response:
    return RedirectResponse(f"{ACCOUNT}?done={done}", 303)
