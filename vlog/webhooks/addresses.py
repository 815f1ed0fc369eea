"""Where messages may go: an address of our own network must not be reached by way of VLog.

A name is resolved once, every address that it has is looked at, and the connection is made to one
of those: a name that answers differently a moment later changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from vlog.errors import Invalid, VLogError

LONGEST_URL = 2000
_RESOLVE_SECONDS = 5.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]


class AddressRefused(VLogError):
    """This address belongs to this machine or to a private network. To deliver there all the same,
    set `[webhooks] allow_private_addresses` to true."""

    status = 422
    code = "address_refused"
    title = "Address refused"


class NameUnknown(VLogError):
    """Nobody knows this host name now."""

    status = 422
    code = "name_unknown"
    title = "Host name unknown"


@dataclass(frozen=True)
class Target:
    """Where a message goes: the URL in parts, its host in ASCII, and that host's addresses."""

    url: SplitResult
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def host_header(self) -> str:
        """The host as HTTP names it."""
        return _bracketed(self.host) + (f":{self.url.port}" if self.url.port else "")

    def pinned(self, address: str) -> str:
        """The URL with one of the addresses in the place of the name."""
        path = self.url.path or "/"
        query = f"?{self.url.query}" if self.url.query else ""
        return f"{self.url.scheme}://{_bracketed(address)}:{self.port}{path}{query}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def checked_url(text: str) -> SplitResult:
    """The parts of an address that may be one of a receiver. Raises Invalid."""
    try:
        url = urlsplit(text.strip())
        host, _ = url.hostname or "", url.port
    except ValueError as error:
        raise Invalid("This is not an address, such as https://example.org/hook.") from error
    if url.scheme not in ("http", "https") or not host or len(text) > LONGEST_URL:
        raise Invalid("The address must begin with https:// or http://, and name a host.")
    if url.username is not None or url.password is not None:
        raise Invalid("The address must not hold a name or a password: it is shown in the log.")
    if any(letter == " " or not letter.isprintable() for letter in text.strip()):
        raise Invalid("The address must not hold spaces, or letters that nobody can see.")
    return url


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system finds them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def target_of(text: str, *, allow_private: bool, resolver: Resolve = resolve) -> Target:
    """Where a message to an address goes.

    Raises:
        Invalid: it is no address of a receiver.
        NameUnknown: its host has no address now.
        AddressRefused: one of its host's addresses must not be reached.
    """
    url = checked_url(text)
    name = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        host = name if ":" in name else name.encode("idna").decode()
        async with asyncio.timeout(_RESOLVE_SECONDS):
            addresses = await resolver(host, port)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise NameUnknown(f"Nobody knows the host name {name} now.") from error
    if not addresses:
        raise NameUnknown(f"The host name {host} has no address.")
    if not allow_private and not all(is_public(address) for address in addresses):
        raise AddressRefused(
            f"{host} is an address of this machine or of a private network. To deliver there all "
            "the same, set `[webhooks] allow_private_addresses` to true in vlog.toml."
        )
    return Target(url, host, port, tuple(addresses))


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet; also where it wraps one of IPv4."""
    try:
        address: IpAddress = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = _wrapped(address)
        if wrapped is None:
            return address in _UNICAST and address.is_global
        address = wrapped
    return address.is_global and not address.is_multicast and not address.is_reserved


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address in one that is mapped (RFC 4291), of 6to4 (RFC 3056) or NAT64 (RFC 6052)."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
