"""Who asks, when proxies stand in between. Pure ASGI."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

# Set in the scope of a request that a trusted proxy handed over.
_HANDED_OVER = "vlog.handed_over"
_FOR = b"x-forwarded-for"
_SCHEME = b"x-forwarded-proto"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """Believes `X-Forwarded-For` and `X-Forwarded-Proto` of the proxies that are named.

    Anybody can write these headers. They count where the connection itself comes from a trusted
    address, and of a chain only the end that trusted proxies have written.
    """

    def __init__(self, app: ASGIApp, trusted: Iterable[str]) -> None:
        self.app = app
        self.trusted = tuple(ipaddress.ip_network(text, strict=False) for text in trusted)
        # Asked with every request, and the same few peers come again and again.
        self._trusted_peer = lru_cache(maxsize=1024)(self._find_out)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = self._trusted_peer((scope.get("client") or ("", 0))[0])
        if peer is not None and scope["type"] == "http" and _says_more(scope):
            # In the scope itself: what is noted in it further in is read further out.
            scope.update(self._seen_through(scope, peer))
        await self.app(scope, receive, send)

    def _find_out(self, host: str) -> Address | None:
        """The address of a peer that is trusted."""
        address = _address(host)
        return address if address is not None and self._trusts(address) else None

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.trusted)

    def _seen_through(self, scope: Scope, peer: Address) -> dict[str, Any]:
        chain = _values(scope, _FOR)
        schemes = _values(scope, _SCHEME)
        changed: dict[str, Any] = {_HANDED_OVER: bool(chain)}
        if chain:
            changed["client"] = (str(self._origin(chain, peer)), 0)
        if schemes and schemes[-1].lower() in ("http", "https"):
            changed["scheme"] = schemes[-1].lower()
        return changed

    def _origin(self, chain: list[str], peer: Address) -> Address:
        """The nearest address in a chain that is no trusted proxy."""
        found = peer
        for text in reversed(chain):
            address = _address(text)
            if address is None:
                break
            found = address
            if not self._trusts(address):
                break
        return found


def was_handed_over(scope: Scope) -> bool:
    """Whether a trusted proxy stands between the visitor and us."""
    return bool(scope.get(_HANDED_OVER))


def _says_more(scope: Scope) -> bool:
    return any(name in (_FOR, _SCHEME) for name, _ in scope["headers"])


def _values(scope: Scope, name: bytes) -> list[str]:
    text = ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)
    return [word.strip() for word in text.split(",") if word.strip()]


def _address(text: str) -> Address | None:
    """An address as proxies write it, with or without a port: `[2001:db8::1]:443`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        # The zone of a link-local address is a name on the proxy's machine.
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
