"""A certificate for TLS that is replaced while connections stay open."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import anyio

from vlog.errors import StartError
from vlog.logs import get_logger

log = get_logger(__name__)

_LOOK_SECONDS = 30.0


class Certificate:
    """A chain of certificates and its key, in PEM files that some other program renews.

    Raises:
        StartError: the files cannot be read or do not belong together.
    """

    def __init__(self, chain: Path, key: Path) -> None:
        self.chain = chain
        self.key = key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        # HTTP/2 on this server lets one unread body block all others of its connection.
        self.context.set_alpn_protocols(["http/1.1"])
        self._seen = self._stamps()
        try:
            self._load()
        except OSError as error:
            raise StartError(
                f"The certificate {chain} with the key {key} cannot be used: {_reason(error)}. "
                "Both must be PEM files that VLog can read, and belong together."
            ) from error

    async def run(self, stop: anyio.Event) -> None:
        """Look again and again whether the files have changed, until `stop` is set."""
        while not stop.is_set():
            with anyio.move_on_after(_LOOK_SECONDS):
                await stop.wait()
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> bool:
        """Take new files for connections from now on; whether there were any.

        Files that cannot be used leave the old ones at work: a renewal writes two files, and this
        may look between them.
        """
        stamps = self._stamps()
        if stamps == self._seen:
            return False
        try:
            # A pair that does not fit would break the context that is in use.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.chain, self.key)
            self._load()
        except OSError as error:
            log.warning(
                "The new certificate cannot be used; the old one stays.",
                action="certificate_refused",
                chain=str(self.chain),
                error=_reason(error),
            )
            return False
        self._seen = stamps
        log.info("The certificate was renewed.", action="certificate_renewed")
        return True

    def _load(self) -> None:
        self.context.load_cert_chain(self.chain, self.key)

    def _stamps(self) -> tuple[tuple[int, int], ...]:
        found = []
        for path in (self.chain, self.key):
            try:
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_ino))
            except OSError:
                found.append((0, 0))
        return tuple(found)


def _reason(error: OSError) -> str:
    return error.strerror or getattr(error, "reason", "") or "they are no certificate and key"
