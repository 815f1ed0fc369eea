"""Making a service of VLog: what would be done, and that it is done."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest

from vlog.errors import StartError
from vlog.process.service_installation import (
    RunCommand,
    WriteFile,
    carry_out,
    installing,
    out_of_reach,
    starting,
    uninstalling,
)
from vlog.process.unit import Installation, Port

PORTS = (Port("public", "0.0.0.0", 9000), Port("admin", "127.0.0.1", 9001))


def _installation(tmp_path: Path, user: str = "nobody-has-this-name") -> Installation:
    folder = tmp_path / "vlog"
    folder.mkdir(exist_ok=True)
    return Installation(
        user, folder / "python", folder, writable=[folder / "data", folder / "data"], ports=PORTS
    )


def test_the_plan_names_user_folders_and_units(tmp_path: Path) -> None:
    steps = [str(step).partition("\n")[0] for step in installing(_installation(tmp_path))]
    assert steps == [
        "run useradd --system --user-group --no-create-home --home-dir "
        f"{tmp_path}/vlog --shell /usr/sbin/nologin nobody-has-this-name",
        "run install -d -m 0750 -o nobody-has-this-name -g nobody-has-this-name "
        f"{tmp_path}/vlog/data",
        "write /etc/systemd/system/vlog.service",
        "run systemctl daemon-reload",
    ]


def test_a_user_who_is_there_is_not_made(tmp_path: Path) -> None:
    steps = installing(_installation(tmp_path, getpass.getuser()), units=tmp_path)
    assert "useradd" not in " ".join(map(str, steps))


def _as(monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    """VLog takes itself for this user. What it does stays in the test's own folder."""
    monkeypatch.setattr(os, "geteuid", lambda: user)


def test_it_is_installed_and_taken_away_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(monkeypatch, 0)
    calls = tmp_path / "calls"
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("systemctl", "useradd"):
        (tools / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {calls}\n')
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    units = tmp_path / "units"
    units.mkdir()
    installation = _installation(tmp_path, getpass.getuser())
    told: list[str] = []
    carry_out(installing(installation, sockets=True, units=units), told.append)
    assert sorted(path.name for path in units.iterdir()) == [
        "vlog-admin.socket",
        "vlog-public.socket",
        "vlog.service",
    ]
    assert (installation.folder / "data").stat().st_mode & 0o777 == 0o750
    assert any(line.startswith("write") for line in told)
    # Without sockets of its own systemd must not go on to open the ports.
    carry_out(installing(installation, units=units), told.append)
    assert [path.name for path in units.iterdir()] == ["vlog.service"]
    carry_out(uninstalling(installation, units=units), told.append)
    assert list(units.iterdir()) == []
    assert (installation.folder / "data").is_dir()
    assert "systemctl disable --now vlog.service" in calls.read_text()


@pytest.mark.parametrize(
    ("exit_code", "sockets", "expected"),
    [
        (3, False, "systemctl enable --now vlog"),
        (3, True, "systemctl enable --now vlog-public.socket vlog-admin.socket vlog"),
        (0, False, "systemctl restart vlog"),
        (
            0,
            True,
            "systemctl stop vlog && "
            "systemctl enable --now vlog-public.socket vlog-admin.socket vlog",
        ),
    ],
)
def test_what_runs_already_is_started_anew(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    exit_code: int,
    sockets: bool,
    expected: str,
) -> None:
    tool = tmp_path / "systemctl"
    tool.write_text(f'#!/bin/sh\n[ "$1" = is-active ] && exit {exit_code}\nexit 1\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    sentence, command = starting(_installation(tmp_path).ports, sockets=sockets)
    assert command == expected
    assert ("still runs" in sentence) == (exit_code == 0)


def test_others_than_root_are_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _as(monkeypatch, 1000)
    with pytest.raises(StartError, match="--dry-run"):
        carry_out([WriteFile(tmp_path / "unit", "")], lambda line: None)


def test_a_step_that_fails_says_what_the_tool_said(monkeypatch: pytest.MonkeyPatch) -> None:
    _as(monkeypatch, 0)
    with pytest.raises(StartError, match="no such thing"):
        carry_out([RunCommand(("sh", "-c", "echo no such thing >&2; false"))], lambda line: None)


def test_a_program_that_the_user_cannot_reach_is_noticed(tmp_path: Path) -> None:
    installation = _installation(tmp_path)
    installation.folder.chmod(0o700)
    assert out_of_reach(installation) is not None
