"""Whether somebody still writes to a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vlog.ingest.writers import is_being_written, writers_are_known


@pytest.fixture(autouse=True)
def _leases(tmp_path: Path) -> None:
    # Where the kernel grants none, VLog waits for files to settle instead; that has its own tests.
    if not writers_are_known(tmp_path):
        pytest.skip("this file system knows no leases")


def test_an_open_file_is_being_written_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    assert not is_being_written(path)
    with path.open("ab"):
        assert is_being_written(path)
    assert not is_being_written(path)
    with path.open("rb"):
        assert not is_being_written(path)


def test_another_process_counts(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    writer = subprocess.Popen(
        [sys.executable, "-c", f"f = open({str(path)!r}, 'wb'); print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert is_being_written(path)
        writer.communicate(b"\n", timeout=10)
    assert not is_being_written(path)


def test_what_is_no_file_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        is_being_written(tmp_path / "nowhere")


def test_a_folder_that_is_away_knows_nothing(tmp_path: Path) -> None:
    assert not writers_are_known(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
