"""Listening sockets, bound before anything else is started."""

from __future__ import annotations

import errno
import os
import socket

from vlog.errors import StartError

_BACKLOG = 512
_FIRST_DESCRIPTOR = 3
# Who takes nothing for so long is cut off by the kernel (tcp(7)); a server that only closes such
# a connection would wait for ever for what is still to be sent.
_DEAD_MILLISECONDS = 120_000


def bind(host: str, port: int, key: str) -> socket.socket:
    """A listening TCP socket; the one that systemd handed over where it did so under this key.

    Args:
        host: a name or address; `0.0.0.0` and `::` mean all interfaces.
        port: 0 for any free one.
        key: the section of the configuration that named it, for the sentence.

    Raises:
        StartError: the port is taken, or the address is not one of this machine.
    """
    if (given := _handed_over(key)) is not None:
        _cut_off_dead_receivers(given)
        return given
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise StartError(f"`[{key}] host` is {host!r}, and nobody knows that address.") from error
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _cut_off_dead_receivers(listening)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise StartError(_sentence(error, host, port, key)) from error
    listening.setblocking(False)
    return listening


def _cut_off_dead_receivers(listening: socket.socket) -> None:
    """For all connections that come of a socket; they inherit it."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_MILLISECONDS)


def _handed_over(name: str) -> socket.socket | None:
    """A socket from a unit with `FileDescriptorName=` (sd_listen_fds(3))."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    if name not in names:
        return None
    given = socket.socket(fileno=_FIRST_DESCRIPTOR + names.index(name))
    given.set_inheritable(False)
    given.setblocking(False)
    return given


def _sentence(error: OSError, host: str, port: int, key: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program. Stop that one, or choose another port "
            f"with `[{key}] port`."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than VLog has. Choose one above 1023."
    return f"VLog cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}."


def address_of(listening: socket.socket, scheme: str = "http") -> str:
    """The address that a person can type, such as `http://localhost:9000`."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::", "127.0.0.1", "::1"):
        host = "localhost"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
