"""Telling systemd how we are (sd_notify(3))."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Send a state such as `READY=1`. Does nothing where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with (
        suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender,
    ):
        sender.connect(address)
        sender.sendall(state.encode())


def watchdog_seconds() -> float | None:
    """How often a sign of life is due: a third of the unit's WatchdogSec, if it has one."""
    text = os.environ.get("WATCHDOG_USEC", "")
    return int(text) / 3e6 if text.isdigit() and int(text) > 0 else None
