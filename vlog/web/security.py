"""Who may ask, and what browsers may do with the answers. Pure ASGI."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vlog.errors import Forbidden, MisdirectedHost
from vlog.settings import Settings
from vlog.web.callers import caller_of
from vlog.web.problems import problem_of
from vlog.web.visits import ADMIN_COOKIE, COOKIE_PATH, COOKIE_SECONDS

_SOURCES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
)


def content_security_policy(framed_by: str, cdn_url: str = "") -> str:
    """The policy of a page.

    Args:
        framed_by: the sources whose frames may show it.
        cdn_url: from where players load segments, if not from us.
    """
    policy = "; ".join((*_SOURCES, f"frame-ancestors {framed_by}"))
    if cdn_url:
        parts = urlsplit(cdn_url)
        host = f"{parts.scheme}://{parts.netloc}"
        policy = policy.replace("connect-src 'self'", f"connect-src 'self' {host}")
        policy = policy.replace("media-src 'self'", f"media-src 'self' {host}")
    return policy


CONTENT_SECURITY_POLICY = content_security_policy("'self'")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SAFE = ("GET", "HEAD", "OPTIONS")
_ADMIN_MARK = (
    f"{ADMIN_COOKIE}=1; Path={COOKIE_PATH}; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax"
)


class SecurityHeaders:
    """The same strict headers on every answer."""

    def __init__(self, app: ASGIApp, cdn_url: str = "") -> None:
        self.app = app
        policy = content_security_policy("'self'", cdn_url)
        named = {**_HEADERS, "content-security-policy": policy}
        self.headers = [(name.encode(), value.encode()) for name, value in named.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                given = {name.lower() for name, _ in headers}
                headers += [header for header in self.headers if header[0] not in given]
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_headers)


class HostCheck:
    """Answers only under names that are ours: a foreign name may be DNS rebinding."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        own = urlsplit(settings.public.base_url).hostname
        self.names = {"localhost", *(host.lower() for host in settings.admin.allowed_hosts)}
        if own:
            self.names.add(own.lower())
        # Asked with every request, and the same few names come again and again.
        self._is_ours = lru_cache(maxsize=256)(self._find_out)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_ours(Headers(scope=scope).get("host", "")):
            await problem_of(MisdirectedHost())(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _find_out(self, host: str) -> bool:
        name = _host_name(host)
        if name in self.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


class WriteProtection:
    """Refuses writes that another site made a browser send.

    Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`. Programs
    such as curl send neither and carry no ambient authority.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writes = scope["type"] == "http" and scope["method"] not in _SAFE
        if writes and not _comes_from_us(Headers(scope=scope)):
            await problem_of(Forbidden())(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _comes_from_us(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


class PublicCors:
    """Lets players on other sites read media and the public API; never with credentials.

    An answer that says itself who may have it (`cross-origin-resource-policy`) is left as it is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shared = scope["type"] == "http" and scope["path"].startswith(("/videos/", "/api/"))
        if not shared or scope["method"] not in _SAFE:
            await self.app(scope, receive, send)
            return

        async def send_with_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                _share(MutableHeaders(scope=message))
            await send(message)

        if scope["method"] == "OPTIONS":
            await self._preflight(send_with_cors)
            return
        await self.app(scope, receive, send_with_cors)

    async def _preflight(self, send: Send) -> None:
        headers = [
            (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
            (b"access-control-allow-headers", b"range, if-none-match"),
            (b"access-control-max-age", b"86400"),
        ]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _share(headers: MutableHeaders) -> None:
    if "cross-origin-resource-policy" in headers:
        return
    headers["access-control-allow-origin"] = "*"
    headers["access-control-expose-headers"] = "content-length, content-range, etag"
    headers["cross-origin-resource-policy"] = "cross-origin"


class AdminBrowser:
    """Marks a browser that is let into the panel, so that what it watches is not counted.

    Cookies belong to a host, not to a port: the public site on the same host sees it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html")
                if is_page and caller_of(HTTPConnection(scope)) is not None:
                    headers.append("set-cookie", _ADMIN_MARK)
            await send(message)

        await self.app(scope, receive, send_with_mark)
