"""The admin API of sessions, tokens and the audit log."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vlog.catalog import admin_sessions, api_tokens
from vlog.errors import BadRequest, Conflict, Invalid, NotFound
from vlog.web import access_queries
from vlog.web.admin_access import access_of
from vlog.web.callers import caller_of
from vlog.web.models.access import (
    AuditPage,
    AuditQuery,
    NewTokenIn,
    NewTokenOut,
    SessionList,
    TokenList,
)
from vlog.web.operations import Operation


async def list_sessions(request: Request) -> SessionList:
    """The browsers that are signed in."""
    found = await access_queries.sessions(access_of(request), caller_of(request))
    return SessionList(sessions=found)


async def end_session(request: Request) -> Response:
    """Sign a browser out."""
    number = request.path_params["session_id"]
    await access_of(request).database.write(
        lambda session: admin_sessions.require_end(session, number), name="end a session"
    )
    return Response(status_code=204)


async def end_sessions(request: Request) -> Response:
    """Sign every browser out, also the one that asks."""
    await access_of(request).database.write(
        lambda session: admin_sessions.end_all(session), name="end all sessions"
    )
    return Response(status_code=204)


async def list_tokens(request: Request) -> TokenList:
    """The API tokens, without what nobody can know any more."""
    return TokenList(tokens=await access_queries.tokens(access_of(request)))


async def make_token(request: Request, *, body: NewTokenIn) -> NewTokenOut:
    """Make a token. Its text is in this answer and nowhere else."""
    made = await access_of(request).database.write(
        lambda session: api_tokens.make(session, body.name, body.scopes, body.expires_at),
        name="make a token",
    )
    return NewTokenOut(**access_queries.token_out(made.row).model_dump(), token=made.text)


async def revoke_token(request: Request) -> Response:
    """End a token at once."""
    number = request.path_params["token_id"]
    await access_of(request).database.write(
        lambda session: api_tokens.revoke(session, number), name="revoke a token"
    )
    return Response(status_code=204)


async def read_audit_log(request: Request, *, query: AuditQuery) -> AuditPage:
    """Who did what, the newest first."""
    return await access_queries.audit_page(access_of(request), query.cursor, query.limit)


_TAGS = ("access",)

ACCESS_API = [
    Operation(
        "GET",
        "/api/sessions",
        list_sessions,
        summary="List the browsers that are signed in",
        response=SessionList,
        tags=_TAGS,
    ),
    Operation(
        "DELETE",
        "/api/sessions",
        end_sessions,
        summary="Sign out everywhere",
        status=204,
        tags=_TAGS,
    ),
    Operation(
        "DELETE",
        "/api/sessions/{session_id:int}",
        end_session,
        summary="Sign a browser out",
        status=204,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation(
        "GET",
        "/api/tokens",
        list_tokens,
        summary="List the API tokens",
        response=TokenList,
        tags=_TAGS,
    ),
    Operation(
        "POST",
        "/api/tokens",
        make_token,
        summary="Make an API token",
        body=NewTokenIn,
        response=NewTokenOut,
        status=201,
        tags=_TAGS,
        errors=(Invalid, Conflict),
    ),
    Operation(
        "DELETE",
        "/api/tokens/{token_id:int}",
        revoke_token,
        summary="Revoke an API token",
        status=204,
        tags=_TAGS,
        errors=(NotFound,),
    ),
    Operation(
        "GET",
        "/api/audit",
        read_audit_log,
        summary="See who did what",
        query=AuditQuery,
        response=AuditPage,
        tags=_TAGS,
        errors=(BadRequest,),
    ),
]
