"""One process per database, with real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vlog.errors import StartError
from vlog.process.instance_lock import InstanceLock

_HOLD = """
import sys
from pathlib import Path
from vlog.process.instance_lock import InstanceLock
with InstanceLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "vlog.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_holds_the_lock(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with (
        pytest.raises(StartError, match=rf"\(process {holder.pid}\)"),
        InstanceLock(tmp_path / "vlog.db"),
    ):
        pass


def test_a_link_to_the_same_database_is_the_same_database(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    (tmp_path / "vlog.db").touch()
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(tmp_path / "vlog.db")
    with pytest.raises(StartError), InstanceLock(link):
        pass


def test_the_lock_of_a_killed_process_is_free_at_once(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait(timeout=10)
    with InstanceLock(tmp_path / "vlog.db") as lock:
        assert lock.path.read_text() == f"{os.getpid()}\n"
    with InstanceLock(tmp_path / "vlog.db"):
        pass


def test_two_databases_do_not_disturb_each_other(tmp_path: Path) -> None:
    with InstanceLock(tmp_path / "one.db"), InstanceLock(tmp_path / "two.db"):
        pass


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "vlog.db.lock").mkdir()
    with (
        pytest.raises(StartError, match=r"vlog\.db\.lock cannot be opened"),
        InstanceLock(tmp_path / "vlog.db"),
    ):
        pass
