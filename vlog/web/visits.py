"""Who is counted as a viewer, and how often somebody may say so.

What is known of a visitor without a cookie stays in memory, as a hash with a key that ends with
the process, and is forgotten after an hour. No address is ever stored.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import time
from collections.abc import Callable

from starlette.requests import HTTPConnection

from vlog.web.rate_limit import Once, RateLimit

VIEWER_COOKIE = "vlog_viewer"
# A browser that came to the admin panel: cookies do not tell ports apart.
ADMIN_COOKIE = "vlog_admin_browser"
COOKIE_PATH = "/api/analytics"
COOKIE_SECONDS = 395 * 86400

_IDENTITY = re.compile(r"[A-Za-z0-9_-]{22,64}")
_BOTS = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|headless|phantom|puppeteer|playwright|selenium|lighthouse"
    r"|preview|monitor|uptime|scan|facebookexternalhit|embedly|mediapartners|archiver|validator"
    r"|wget|curl|libwww|python|aiohttp|httpx|okhttp|java/|go-http|ruby|perl|axios|node-fetch",
    re.IGNORECASE,
)


class Visits:
    """What is remembered of visitors between two requests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._beginnings = RateLimit(60, 60, clock=clock)
        self._reports = RateLimit(600, 60, clock=clock)
        # Whoever throws the cookie away each time becomes one of those who have none.
        self._identities = RateLimit(100, 3600, clock=clock)
        self._views = Once(3600, clock=clock)
        self._key = secrets.token_bytes(32)

    def may_begin(self, visitor: HTTPConnection) -> bool:
        """Whether the visitor's address has not begun too many viewings."""
        return self._beginnings.allows(network_of(visitor))

    def may_report(self, visitor: HTTPConnection) -> bool:
        """Whether the visitor's address has not reported too often."""
        return self._reports.allows(network_of(visitor))

    def new_identity(self, visitor: HTTPConnection) -> str | None:
        """A cookie for a browser that has none; None where an address asks for too many."""
        if not self._identities.allows(network_of(visitor)):
            return None
        return secrets.token_urlsafe(24)

    def is_new_view(self, visitor: HTTPConnection, video_id: int) -> bool:
        """Whether nobody like this visitor, who has no cookie, has viewed the video lately."""
        agent = visitor.headers.get("user-agent", "")
        who = hashlib.blake2b(f"{network_of(visitor)} {agent}".encode(), key=self._key)
        return self._views.is_new((who.digest(), video_id))


def identity_of(visitor: HTTPConnection) -> str | None:
    """The cookie of a browser that was here before."""
    value = visitor.cookies.get(VIEWER_COOKIE, "")
    return value if _IDENTITY.fullmatch(value) else None


def is_counted(visitor: HTTPConnection) -> bool:
    """Whether this is a person, and not the one who runs the site."""
    agent = visitor.headers.get("user-agent", "")
    brands = visitor.headers.get("sec-ch-ua", "")
    is_bot = not agent or _BOTS.search(agent) or "headless" in brands.lower()
    return not is_bot and ADMIN_COOKIE not in visitor.cookies


def refuses_cookies(visitor: HTTPConnection) -> bool:
    """Whether the browser asks not to be followed (Do Not Track, Global Privacy Control)."""
    return "1" in (visitor.headers.get("dnt"), visitor.headers.get("sec-gpc"))


def address_of(visitor: HTTPConnection) -> str:
    """Where a request comes from."""
    return visitor.client.host[:64] if visitor.client else ""


def network_of(visitor: HTTPConnection) -> str:
    """Where a request comes from: an IPv4 address, or the /64 of an IPv6 one."""
    address = address_of(visitor)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
