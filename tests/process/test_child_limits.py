"""What stands before the commands of encoders, and what is left out because it does not work."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from vlog.process.child_limits import DEATH_SIGNAL, limited, usable


@pytest.fixture(autouse=True)
def _tried_anew() -> Iterator[None]:
    usable.cache_clear()
    yield
    usable.cache_clear()


def _put_before_others(folder: Path, tool: str, script: str, patch: pytest.MonkeyPatch) -> None:
    (folder / tool).write_text(f"#!/bin/sh\n{script}\n")
    (folder / tool).chmod(0o755)
    patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_both_tools_stand_before_the_command() -> None:
    words = limited(2**30, cpu_seconds=60)
    assert words[:3] == (shutil.which("setpriv"), *DEATH_SIGNAL[1:])
    assert words[3:] == (shutil.which("prlimit"), "--core=0", f"--data={2**30}", "--cpu=60")


@pytest.mark.parametrize("tool", ["setpriv", "prlimit"])
def test_a_tool_that_may_not_do_its_work_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    _put_before_others(tmp_path, tool, "echo 'Operation not permitted' >&2; exit 127", monkeypatch)
    words = limited(2**30)
    assert not [word for word in words if word.endswith(f"/{tool}")]
    assert words
    said = subprocess.run([*words, "echo", "done"], capture_output=True, text=True, check=True)
    assert said.stdout == "done\n"


def test_a_tool_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = tmp_path / "count"
    _put_before_others(tmp_path, "setpriv", f'echo x >>"{count}"; exec true', monkeypatch)
    assert limited(2**30)[0] == limited(2**30)[0] == str(tmp_path / "setpriv")
    assert count.read_text() == "x\n"
