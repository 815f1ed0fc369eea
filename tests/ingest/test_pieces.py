"""Pieces of a body reach the file whole and in order, however little the system takes at once."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from io import FileIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlog.ingest.pieces import Pieces, write_all


def test_they_are_full_by_size_and_by_number() -> None:
    large, many = Pieces(), Pieces()
    large.add(b"x" * 1024 * 1024)
    for _ in range(256):
        assert not many.full
        many.add(b"x")
    assert large.full
    assert many.full
    assert len(many.take()) == 256
    assert not many
    assert not many.full


@given(bodies=st.lists(st.binary(max_size=40), max_size=20), at_once=st.integers(1, 50))
def test_all_is_written_when_the_system_takes_little(
    bodies: list[bytes], at_once: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("pieces") / "file"

    def some(descriptor: int, views: Sequence[memoryview]) -> int:
        return os.write(descriptor, b"".join(views)[:at_once])

    with pytest.MonkeyPatch.context() as patch, FileIO(path, "xb") as file:
        patch.setattr(os, "writev", some)
        write_all(file, bodies)
    assert path.read_bytes() == b"".join(bodies)


def test_a_full_disk_is_told() -> None:
    with (
        FileIO(os.open("/dev/full", os.O_WRONLY), "wb") as file,
        pytest.raises(OSError, match=os.strerror(errno.ENOSPC)),
    ):
        write_all(file, [b"abc", b"def"])
