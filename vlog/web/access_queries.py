"""Sessions, tokens and the audit log, for pages and API alike."""

from __future__ import annotations

from typing import cast

from vlog.catalog import admin_sessions, api_tokens, audit
from vlog.catalog.audit import ActorKind
from vlog.catalog.scopes import Scope
from vlog.database.schema import AdminSession, ApiToken, AuditEntry
from vlog.web.admin_access import AdminAccess
from vlog.web.browser_names import browser_name
from vlog.web.callers import Caller
from vlog.web.models.access import AuditEntryOut, AuditPage, SessionOut, TokenOut


async def sessions(access: AdminAccess, caller: Caller | None) -> list[SessionOut]:
    """Every session that goes on."""
    async with access.database.read() as session:
        rows = await admin_sessions.all_of(session, access.lifetime)
    current = caller.number if caller and caller.kind == "session" else None
    return [_session_out(row, current) for row in rows]


async def tokens(access: AdminAccess) -> list[TokenOut]:
    """Every token that was not revoked."""
    async with access.database.read() as session:
        rows = await api_tokens.all_of(session)
    return [token_out(row) for row in rows]


async def audit_page(access: AdminAccess, cursor: str | None, limit: int) -> AuditPage:
    """Entries of the audit log. Raises BadRequest for a cursor that was not given out here."""
    async with access.database.read() as session:
        found = await audit.page(session, cursor, limit)
    return AuditPage(
        entries=[_entry_out(row) for row in found.entries], next_cursor=found.next_cursor
    )


def token_out(row: ApiToken) -> TokenOut:
    """A token as JSON."""
    return TokenOut(
        id=row.id,
        name=row.name,
        ending=row.ending,
        scopes=cast("list[Scope]", row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        expired=api_tokens.is_over(row),
        last_used_at=row.last_used_at,
        last_address=row.last_address,
    )


def _session_out(row: AdminSession, current: int | None) -> SessionOut:
    return SessionOut(
        id=row.id,
        browser=browser_name(row.user_agent),
        user_agent=row.user_agent,
        address=row.address,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        current=row.id == current,
    )


def _entry_out(row: AuditEntry) -> AuditEntryOut:
    return AuditEntryOut(
        id=row.id,
        at=row.at,
        actor_kind=cast("ActorKind", row.actor_kind),
        actor_name=row.actor_name,
        action=row.action,
        summary=row.summary,
        target=row.target,
        address=row.address,
        status=row.status,
    )
