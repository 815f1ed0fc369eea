"""Making VLog a service of this machine: what is done is planned first, and can be shown."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vlog.errors import StartError
from vlog.process.unit import SERVICE, Installation, Port, service_text, socket_text
from vlog.storage.files import write_atomically

UNITS = Path("/etc/systemd/system")
_SECONDS = 60.0


@dataclass(frozen=True)
class WriteFile:
    """Write a file that everybody may read."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"write {self.path}\n{self.text}"

    def run(self) -> None:
        """Do it."""
        write_atomically(self.path, self.text.encode())


@dataclass(frozen=True)
class RemoveFile:
    """Remove a file."""

    path: Path

    def __str__(self) -> str:
        return f"remove {self.path}"

    def run(self) -> None:
        """Do it."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class RunCommand:
    """Run a command. Where it may fail, its failure means that there was nothing to do."""

    words: tuple[str, ...]
    may_fail: bool = False

    def __str__(self) -> str:
        return f"run {shlex.join(self.words)}"

    def run(self) -> None:
        """Do it. Raises StartError with what it said."""
        try:
            ended = subprocess.run(
                self.words, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StartError(f"`{shlex.join(self.words)}` could not be run: {error}.") from error
        if ended.returncode and not self.may_fail:
            said = ended.stderr.strip() or f"exit code {ended.returncode}"
            raise StartError(f"`{shlex.join(self.words)}` failed: {said}")


Step = WriteFile | RemoveFile | RunCommand


def installing(
    installation: Installation, *, sockets: bool = False, units: Path = UNITS
) -> list[Step]:
    """What makes it a service: its user, its folders, its units."""
    user = installation.user
    steps: list[Step] = []
    if not _exists(user):
        home = str(installation.folder)
        shell = "/usr/sbin/nologin"
        add = ("useradd", "--system", "--user-group", "--no-create-home")
        steps.append(RunCommand((*add, "--home-dir", home, "--shell", shell, user)))
    steps += [
        RunCommand(("install", "-d", "-m", "0750", "-o", user, "-g", user, str(folder)))
        for folder in dict.fromkeys(installation.writable)
    ]
    text = service_text(installation, sockets=sockets)
    steps.append(WriteFile(units / SERVICE, text))
    for port in installation.ports:
        path = units / port.unit
        if sockets:
            steps.append(WriteFile(path, socket_text(port)))
        elif path.exists():
            steps += [_disable(port.unit), RemoveFile(path)]
    steps.append(RunCommand(("systemctl", "daemon-reload")))
    return steps


def uninstalling(installation: Installation, *, units: Path = UNITS) -> list[Step]:
    """What ends it. The user, the videos and the database stay."""
    names = [SERVICE, *(port.unit for port in installation.ports if (units / port.unit).exists())]
    steps: list[Step] = []
    for name in names:
        steps += [_disable(name), RemoveFile(units / name)]
    steps.append(RunCommand(("systemctl", "daemon-reload")))
    return steps


def carry_out(steps: Sequence[Step], tell: Callable[[str], None]) -> None:
    """Do every step, and tell each. Raises StartError where one fails, or the rights lack."""
    if os.geteuid() != 0:
        raise StartError(
            "Only root may change the system's services. Run it with sudo, or look at what it "
            "would do with --dry-run."
        )
    for step in steps:
        tell(str(step).partition("\n")[0])
        try:
            step.run()
        except OSError as error:
            raise StartError(f"{error.filename}: {error.strerror}.") from error


def starting(ports: Sequence[Port], *, sockets: bool) -> tuple[str, str]:
    """How what was installed is started now and at every boot: a sentence, and the command."""
    names = [*(port.unit for port in ports if sockets), SERVICE.removesuffix(".service")]
    start = f"systemctl enable --now {' '.join(names)}"
    if not _runs():
        return "Start it now and at every boot", start
    # Systemd cannot open ports that are taken.
    again = f"systemctl stop vlog && {start}" if sockets else "systemctl restart vlog"
    return "It still runs as it was installed before. Let it run as it is now", again


def _runs() -> bool:
    words = ("systemctl", "is-active", "--quiet", SERVICE)
    try:
        return subprocess.run(words, timeout=_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def out_of_reach(installation: Installation) -> Path | None:
    """The folder that keeps the service's user from its program, if one does."""
    for folder in [*installation.python.parents, *installation.folder.parents]:
        found = folder.stat()
        if found.st_uid == _id_of(installation.user) or found.st_mode & stat.S_IXOTH:
            continue
        return folder
    return None


def _disable(unit: str) -> RunCommand:
    return RunCommand(("systemctl", "disable", "--now", unit), may_fail=True)


def _exists(user: str) -> bool:
    return _id_of(user) is not None


def _id_of(user: str) -> int | None:
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        return None
