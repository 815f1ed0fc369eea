"""Running an app with Hypercorn inside our own loop."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Protocol

import anyio
from hypercorn.asyncio import serve
from hypercorn.config import Config

from vlog.logs import get_logger
from vlog.process.certificates import Certificate

log = get_logger(__name__)

# Requests get so long to end by themselves when VLog stops.
GRACE_SECONDS = 3.0
_HANDSHAKE_SECONDS = 15.0


class Drainable(Protocol):
    """An app that knows its requests in flight."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""

    async def drain(self, seconds: float) -> None:
        """Wait for the requests in flight, then cancel those that are left."""


async def run_server(
    app: Drainable,
    listening: socket.socket,
    stop: anyio.Event,
    certificate: Certificate | None = None,
) -> None:
    """Serve until `stop` is set; then let requests end, and cut off those that do not.

    With a certificate it is HTTPS.

    Hypercorn is never cancelled: with an open request that breaks it. From Python 3.12 on its own
    time-out does nothing, so the requests are ended by the guard.
    """
    config = _TlsConfig(certificate) if certificate else _ServerConfig()
    config.bind = [f"fd://{listening.detach()}"]
    config.alpn_protocols = ["http/1.1"]
    config.graceful_timeout = GRACE_SECONDS + 1.5
    config.accesslog = None
    # A short body that nobody reads, its end, and the end of the connection must fit in. More than
    # that only delays others: with 10, four uploads put 40 pieces before everything else.
    config.max_app_queue_size = 4
    config.errorlog = logging.getLogger("hypercorn.error")
    config.loglevel = "WARNING"
    draining = asyncio.create_task(_drain(app, stop), name="drain requests")
    served: Any = app
    try:
        await serve(served, config, shutdown_trigger=stop.wait)
        # Connections that came in its last moment are not waited for by Hypercorn.
        await app.drain(GRACE_SECONDS)
    finally:
        draining.cancel()
        await asyncio.gather(draining, return_exceptions=True)


class _ServerConfig(Config):
    """Hypercorn's, but for the date of answers, which it would write anew for each: 15 us."""

    def response_headers(self, protocol: str) -> list[tuple[bytes, bytes]]:
        return [(b"date", _date(int(time.time())))]


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


class _TlsConfig(_ServerConfig):
    """With a TLS context that we keep, to renew its certificate."""

    def __init__(self, certificate: Certificate) -> None:
        super().__init__()
        self._certificate = certificate
        self.ssl_handshake_timeout = _HANDSHAKE_SECONDS

    @property
    def ssl_enabled(self) -> bool:
        return True

    def create_ssl_context(self) -> ssl.SSLContext:
        return self._certificate.context


async def _drain(app: Drainable, stop: anyio.Event) -> None:
    await stop.wait()
    await app.drain(GRACE_SECONDS)


def quiet_cancellations(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A loop's exception handler: requests that were cut off on purpose are no news."""
    error = context.get("exception")
    if isinstance(error, asyncio.CancelledError | ConnectionError):
        log.debug("A connection was cut off.", action="connection_cut", error=repr(error))
        return
    log.error(
        context.get("message", "Something broke in the event loop."),
        action="loop_error",
        exc_info=error if isinstance(error, Exception) else None,
    )
