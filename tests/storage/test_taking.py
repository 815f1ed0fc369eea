"""A second name, a clone or a copy of a file; the file itself is never changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vlog.storage import taking
from vlog.storage.taking import How, Stopped, take

CONTENT = bytes(range(256)) * 200_000


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def _take(source: Path, target: Path, *, link: bool, told: list[int] | None = None) -> How:
    notes = [] if told is None else told
    with _opened(source) as descriptor:
        return take(descriptor, target, link=link, on_progress=notes.append, stopped=lambda: False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    os.utime(path, (1_000_000, 1_000_000))
    return path


def test_on_one_file_system_it_is_the_same_file(source: Path) -> None:
    target = source.with_name("target")
    assert _take(source, target, link=True) == "linked"
    assert target.samefile(source)
    target.unlink()
    assert (source.read_bytes(), source.stat().st_mtime) == (CONTENT, 1_000_000)


def test_a_link_is_to_the_open_file_and_not_to_what_has_its_name_now(source: Path) -> None:
    target = source.with_name("target")
    with _opened(source) as descriptor:
        source.rename(source.with_name("renamed"))
        source.symlink_to("/etc/passwd")
        take(descriptor, target, link=True, on_progress=print, stopped=lambda: False)
    assert target.samefile(source.with_name("renamed"))
    assert not target.is_symlink()


@pytest.mark.parametrize("kernel_copies", [True, False])
def test_otherwise_it_is_copied_and_its_progress_told(
    source: Path, monkeypatch: pytest.MonkeyPatch, *, kernel_copies: bool
) -> None:
    monkeypatch.setattr(taking, "_FICLONE", 0)
    if not kernel_copies:

        def refuse(*_: object) -> int:
            raise OSError(18, "Invalid cross-device link")

        monkeypatch.setattr(os, "copy_file_range", refuse)
    told: list[int] = []
    target = source.with_name("target")
    assert _take(source, target, link=False, told=told) == "copied"
    assert target.read_bytes() == CONTENT
    assert not target.samefile(source)
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)
    assert len(told) > 1


def test_where_no_link_can_be_it_is_copied(source: Path) -> None:
    other = Path("/dev/shm") / f"vlog-taking-{os.getpid()}"
    assert source.stat().st_dev != other.parent.stat().st_dev
    try:
        assert _take(source, other, link=True) == "copied"
        assert other.read_bytes() == CONTENT
    finally:
        other.unlink(missing_ok=True)


def test_who_does_not_want_it_any_more_is_left_with_nothing(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_FICLONE", 0)
    target = source.with_name("target")
    told: list[int] = []
    with _opened(source) as descriptor, pytest.raises(Stopped):
        take(descriptor, target, link=False, on_progress=told.append, stopped=lambda: bool(told))
    assert len(told) == 1
    assert not target.exists()


def test_nothing_is_ever_replaced(source: Path) -> None:
    target = source.with_name("target")
    target.write_bytes(b"mine")
    for link in (True, False):
        with pytest.raises(FileExistsError):
            _take(source, target, link=link)
    assert target.read_bytes() == b"mine"
