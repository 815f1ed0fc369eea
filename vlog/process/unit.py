"""The systemd units for this installation: the service, and sockets that open before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SERVICE = "vlog.service"
_HOMES = ("/home", "/root", "/run/user")
_PRIVILEGED_PORTS = 1024

_SERVICE = """\
[Unit]
Description=VLog, a video platform
After=network-online.target remote-fs.target
Wants=network-online.target
# A start that keeps failing is given up after ten times, so that the reason stays readable.
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
# VLog says itself when both ports answer, and three times a minute that it is alive: only after a
# value was really read from the database.
Type=notify
NotifyAccess=main
WatchdogSec=60
# Before its tables are changed a large database is copied.
TimeoutStartSec=30min
User={user}
Group={group}
{groups}WorkingDirectory={folder}
ExecStart={command}
{sockets}Restart=on-failure
RestartSec=2
# Only the main process gets the signal: VLog ends its encoders by itself, so that a cut output is
# never taken for a whole one. Whatever is left after the time-out is killed.
KillMode=mixed
TimeoutStopSec=20
# An encoder that the kernel kills for want of memory is tried again; VLog itself goes on.
OOMPolicy=continue
# Encoding yields to everything else on the machine.
CPUWeight=50
IOWeight=50
# Each viewer and each upload needs a file or two.
LimitNOFILE=65536
# What others on the machine need not read is not readable for them.
UMask=0027

# Nothing that VLog starts gets more rights than VLog has.
NoNewPrivileges=yes
{capabilities}
# Everything is read-only but the places where VLog keeps what is its own.
ProtectSystem=strict
{writable}
# {home_reason}
ProtectHome={home}
# A /tmp of its own, so that nobody can lay anything in its way there.
PrivateTmp=yes
{devices}
# VLog changes nothing of the kernel, of its log, its modules, the clock or the machine's name.
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
# Other users' processes are not its business.
ProtectProc=invisible
# It speaks over the network and with systemd, and needs no other kind of socket.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
# It is no container, needs no real-time priority, and makes no files that run as somebody else.
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
RemoveIPC=yes
# Only what services need of the kernel; setting a lower priority for encoders is part of that.
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
# What has an encoder die with VLog sets its rights anew to those that it has, which are none.
SystemCallFilter=capset
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute= is left out: the library under Whisper writes its own machine code.

[Install]
WantedBy=multi-user.target
"""

_SOCKET = """\
[Unit]
Description=Socket of VLog, {section}

[Socket]
ListenStream={address}
# Tells VLog which of its two ports this is.
FileDescriptorName={section}
Service={service}
# As many visitors wait while VLog starts again as it lets wait itself.
Backlog=512

[Install]
WantedBy=sockets.target
"""


@dataclass(frozen=True)
class Port:
    """A port that systemd may open: the section of the configuration, and where it listens."""

    section: str
    host: str
    number: int

    @property
    def unit(self) -> str:
        return f"vlog-{self.section}.socket"


@dataclass(frozen=True)
class Installation:
    """What a unit needs to know.

    Args:
        user: who runs it; also the name of the group.
        python: the interpreter of this installation.
        folder: where relative paths of the configuration count from.
        config: the configuration file that is in use, if any.
        writable: the folders that VLog writes to.
        ports: where it listens.
        hardware: whether an encoder of the hardware is wished for.
    """

    user: str
    python: Path
    folder: Path
    config: Path | None = None
    writable: Sequence[Path] = ()
    ports: Sequence[Port] = field(default=())
    hardware: bool = False


def service_text(installation: Installation, *, sockets: bool = False) -> str:
    """The text of the service. With `sockets` it gets its ports from systemd."""
    words = [str(installation.python), "-m", "vlog", "serve"]
    if installation.config is not None:
        words += ["--config", str(installation.config)]
    paths = [installation.python, installation.folder, *installation.writable]
    at_home = any(path.is_relative_to(home) for path in paths for home in _HOMES)
    low_port = any(0 < port.number < _PRIVILEGED_PORTS for port in installation.ports)
    opened = " ".join(port.unit for port in installation.ports)
    return _SERVICE.format(
        user=installation.user,
        group=installation.user,
        groups="SupplementaryGroups=video render\n" if installation.hardware else "",
        folder=_literal(str(installation.folder)),
        command=" ".join(_quoted(word) for word in words),
        sockets=f"# They stay open while VLog starts again.\nSockets={opened}\n" if sockets else "",
        capabilities=_capabilities(low_port=low_port and not sockets),
        writable=_writable(installation.writable),
        home="read-only" if at_home else "yes",
        home_reason=(
            "VLog lies below a home folder, or keeps its data there, so it must see them."
            if at_home
            else "Nobody's home folder is its business."
        ),
        devices=_devices(hardware=installation.hardware),
    )


def socket_text(port: Port) -> str:
    """The text of the unit that opens one port."""
    return _SOCKET.format(section=port.section, address=_address(port), service=SERVICE)


def _address(port: Port) -> str:
    if port.host in ("", "0.0.0.0"):
        return f"0.0.0.0:{port.number}"
    host = "127.0.0.1" if port.host == "localhost" else port.host
    return f"[{host}]:{port.number}" if ":" in host else f"{host}:{port.number}"


def _capabilities(*, low_port: bool) -> str:
    if low_port:
        return (
            "# One of its ports is below 1024; that is the one right beyond those of its user.\n"
            "AmbientCapabilities=CAP_NET_BIND_SERVICE\n"
            "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"
        )
    return "# It has no right beyond those of its user.\nCapabilityBoundingSet="


def _writable(folders: Sequence[Path]) -> str:
    unique = sorted({str(folder) for folder in folders})
    return "\n".join(f"ReadWritePaths={_quoted(path)}" for path in unique)


def _devices(*, hardware: bool) -> str:
    if hardware:
        return (
            "# The encoder of the graphics card, and no other device.\n"
            "DevicePolicy=closed\n"
            "DeviceAllow=char-drm rw\n"
            "DeviceAllow=char-nvidia* rw\n"
            "DeviceAllow=char-nvidia-uvm rw"
        )
    return "# No device but those that everybody has.\nPrivateDevices=yes\nDevicePolicy=closed"


def _literal(text: str) -> str:
    """A text in which systemd sees no specifier (systemd.unit(5))."""
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    """One word of a command line (systemd.service(5))."""
    if re.fullmatch(r"[\w@/.,:=+-]+", word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_literal(escaped)}"'
