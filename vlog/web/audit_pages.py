"""The page that says who did what."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vlog.web import access_queries
from vlog.web.admin_access import access_of
from vlog.web.admin_pages import private_page
from vlog.web.models.access import AuditEntryOut

_AT_ONCE = 50
_WHO = {
    "session": "{}",
    "token": "Token “{}”",
    "password": "With the password",
    "local": "This machine, no password set",
    "machine": "Command line",
    "stranger": "Not signed in",
}


def audit_routes() -> list[Route]:
    """The page."""
    return [Route("/audit-log", audit_log_page, methods=["GET"], name="audit_log_page")]


async def audit_log_page(request: Request) -> Response:
    """Who did what, the newest first."""
    access, cursor = access_of(request), request.query_params.get("cursor")
    page = await access_queries.audit_page(access, cursor, _AT_ONCE)
    return private_page(
        request,
        "admin/audit_log.html",
        here="account",
        entries=[(entry, _who(entry), *_outcome(entry)) for entry in page.entries],
        next_cursor=page.next_cursor,
        is_first=not cursor,
        kept_days=access.settings.admin.audit_retention_days,
    )


def _who(entry: AuditEntryOut) -> str:
    return _WHO[entry.actor_kind].format(entry.actor_name)


def _outcome(entry: AuditEntryOut) -> tuple[str, str]:
    """What came of it in a word, and the state that gives it its colour."""
    if entry.status is None:
        return "No answer", "hidden"
    if entry.status < 400:
        return "Done", "ready"
    return ("Failed" if entry.status >= 500 else "Refused"), "failed"
