"""Where the database may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from vlog.database.location import database_file, file_system_of, prepare_folder
from vlog.errors import ConfigurationError, StartError


def test_the_default_is_a_file_in_the_local_folder() -> None:
    assert database_file(Path("/srv/db"), "") == Path("/srv/db/vlog.db")


def test_an_address_beats_the_folder() -> None:
    assert database_file(Path("/a"), "sqlite+aiosqlite:////b/c.db") == Path("/b/c.db")


def test_other_databases_are_refused_with_a_sentence() -> None:
    with pytest.raises(ConfigurationError, match="SQLite"):
        database_file(Path("/a"), "postgresql://host/vlog")


def test_the_closest_mount_point_counts(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    share = tmp_path / "my share"
    share.mkdir()
    escaped = str(share).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nnas:/x {escaped} nfs4 rw 0 0\n")
    assert file_system_of(share / "db", mounts) == "nfs4"
    assert file_system_of(tmp_path, mounts) == "ext4"


def test_a_network_mount_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vlog.database.location.file_system_of", lambda *_: "nfs4")
    with pytest.raises(StartError, match="network mount"):
        prepare_folder(tmp_path / "vlog.db")
