"""The systemd unit for this installation."""

from __future__ import annotations

import getpass
import re
from pathlib import Path

_UNIT = """\
[Unit]
Description=VLog, a video platform
After=network-online.target
Wants=network-online.target

[Service]
# VLog says itself when both ports answer, and that it is alive.
Type=notify
WatchdogSec=60
User={user}
WorkingDirectory={folder}
ExecStart={command}
Restart=on-failure
RestartSec=2
# Only the main process gets the signal: VLog ends its encoders by itself, so that a cut output is
# never taken for a whole one. Whatever is left after the time-out is killed.
KillMode=mixed
TimeoutStopSec=20
# Encoding yields to everything else on the machine.
CPUWeight=50
IOWeight=50
# Nothing that VLog starts gets more rights than VLog has.
NoNewPrivileges=yes
# A /tmp of its own.
PrivateTmp=yes
# The system itself is read-only.
ProtectSystem=full

[Install]
WantedBy=multi-user.target
"""


def unit_text(python: Path, folder: Path, config: Path | None) -> str:
    """The text of the unit.

    Args:
        python: the interpreter of this installation.
        folder: where relative paths of the configuration count from.
        config: the configuration file that is in use, if any.
    """
    words = [str(python), "-m", "vlog", "serve"]
    if config is not None:
        words += ["--config", str(config)]
    return _UNIT.format(
        user=getpass.getuser(),
        folder=_literal(str(folder)),
        command=" ".join(_quoted(word) for word in words),
    )


def _literal(text: str) -> str:
    """A text in which systemd sees no specifier (systemd.unit(5))."""
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    """One word of a command line (systemd.service(5))."""
    if re.fullmatch(r"[\w@/.,:=+-]+", word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_literal(escaped)}"'
