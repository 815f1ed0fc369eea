"""The machine: its clock, its limits, and the rights of files."""

from __future__ import annotations

import errno
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from asyncinotify import Inotify, Mask

from vlog.configuration import admin_password
from vlog.doctor.findings import Finding, broken, warning, well
from vlog.doctor.places import nearest
from vlog.errors import ConfigurationError
from vlog.settings import Settings, is_loopback

_SECONDS = 5.0
# The first version of VLog is younger than this.
_EARLIEST = 1_735_689_600
_CLOCKS_DIFFER_SECONDS = 5.0


def clock(settings: Settings) -> Finding:
    """Whether the time is right: links expire by it, and videos are published by it."""
    moment = time.time()
    if moment < _EARLIEST:
        return broken(
            "clock",
            f"The clock says it is {time.strftime('%Y-%m-%d', time.gmtime(moment))}.",
            "Set the time, and switch its synchronisation on: timedatectl set-ntp true",
        )
    if _is_synchronised() == "no":
        return warning(
            "clock",
            "The clock is not synchronised with any other.",
            "Run as root: timedatectl set-ntp true",
        )
    apart = _apart_from_storage(settings.storage.path)
    if apart is not None and abs(apart) > _CLOCKS_DIFFER_SECONDS:
        return warning(
            "clock",
            f"The clock of the storage differs by {apart:.0f} seconds.",
            "Synchronise the clock of the machine that the storage is mounted from.",
        )
    return well("clock", f"It is {time.strftime('%Y-%m-%d %H:%M', time.gmtime(moment))} UTC.")


def _is_synchronised() -> str:
    if shutil.which("timedatectl") is None:
        return ""
    try:
        said = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.strip()


def _apart_from_storage(root: Path) -> float | None:
    """Seconds between this machine's clock and that of the storage's file system."""
    try:
        with tempfile.NamedTemporaryFile(dir=nearest(root), prefix=".trial-") as trial:
            return Path(trial.name).stat().st_mtime - time.time()
    except OSError:
        return None


def inotify(settings: Settings) -> Finding:
    """Whether the kernel tells of dropped files."""
    if not settings.ingest.watch:
        return well("inotify", "The folder `uploads` is not watched, as configured.")
    try:
        with Inotify() as watching:
            watching.add_watch(nearest(settings.storage.path / "uploads"), Mask.CLOSE_WRITE)
    except OSError as error:
        limit = {
            errno.EMFILE: "fs.inotify.max_user_instances",
            errno.ENOSPC: "fs.inotify.max_user_watches",
        }.get(error.errno or 0)
        return warning(
            "inotify",
            "The kernel watches no more folders, so dropped files are only seen every "
            f"{settings.ingest.rescan_seconds:.0f} seconds.",
            f"Run as root: sysctl -w {limit}=1048576" if limit else "See the kernel's log.",
        )
    return well("inotify", "Dropped files are seen at once.")


def password(settings: Settings) -> Finding:
    """Whether the admin's password is where others cannot read it."""
    try:
        secret = admin_password(settings)
    except ConfigurationError as error:
        sentence, _, command = error.detail.partition(" Run: ")
        cure = f"Run: {command}" if command else "See `[admin]` in vlog.toml and the README."
        return broken("password", sentence, cure)
    if secret is not None:
        return well("password", "The admin's password is in a file that others cannot read.")
    if is_loopback(settings.admin.host):
        return well("password", "The admin panel answers this machine alone.")
    return well("password", "The admin panel answers other machines, and asks for a password.")
