"""The cookie of a browser that is signed in."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from vlog.settings import Settings

_NAME = "vlog_session"
# A browser takes this one over TLS alone, for this host alone (RFC 6265bis 4.1.3.2).
_SECURE_NAME = f"__Host-{_NAME}"


def session_token(connection: HTTPConnection, settings: Settings) -> str | None:
    """The token that came with a request."""
    return connection.cookies.get(_name(connection, settings))


def set_session(
    connection: HTTPConnection, response: Response, settings: Settings, token: str, life: timedelta
) -> None:
    """Let the browser keep the token and send it everywhere on this host."""
    response.set_cookie(
        _name(connection, settings),
        token,
        max_age=int(life.total_seconds()),
        path="/",
        secure=is_secure(connection, settings),
        httponly=True,
        samesite="lax",
    )


def clear_session(connection: HTTPConnection, response: Response, settings: Settings) -> None:
    """Let the browser forget it."""
    response.delete_cookie(
        _name(connection, settings),
        path="/",
        secure=is_secure(connection, settings),
        httponly=True,
        samesite="lax",
    )


def is_secure(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the browser came over TLS, as far as we can know it.

    A proxy that does not say so is taken for one with TLS where the browser came by the name in an
    https `base_url`, but not straight to the panel's own port.
    """
    if connection.url.scheme == "https" or "x-forwarded-proto" in connection.headers:
        return connection.url.scheme == "https"
    base, asked = urlsplit(settings.public.base_url), connection.url
    named = base.scheme == "https" and base.hostname == asked.hostname
    # As text: what stands there need not be a number.
    return named and asked.netloc.rpartition(":")[2] != str(settings.admin.port)


def _name(connection: HTTPConnection, settings: Settings) -> str:
    return _SECURE_NAME if is_secure(connection, settings) else _NAME
