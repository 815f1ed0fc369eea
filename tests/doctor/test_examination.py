"""Each thing that can be wrong is found, said in a sentence, and has a cure."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.server import free_port
from vlog.doctor import database, machine, network, places, tools
from vlog.doctor.examination import examine
from vlog.doctor.findings import Finding
from vlog.process.child_limits import usable
from vlog.settings import Settings
from vlog.storage.local import LocalStorage


def _settings(folder: Path, **more: dict[str, Any]) -> Settings:
    sections: dict[str, dict[str, Any]] = {
        "storage": {"path": folder / "data"},
        "database": {"path": folder / "db"},
        "public": {"host": "127.0.0.1", "port": free_port()},
        "admin": {"port": free_port()},
        "transcription": {"enabled": False},
    }
    for name, values in more.items():
        sections[name] = sections.get(name, {}) | values
    return Settings.model_validate(sections)


def test_a_new_installation_is_well(tmp_path: Path) -> None:
    found = list(examine(_settings(tmp_path)))
    assert [finding for finding in found if finding.state == "broken"] == []
    assert len({finding.name for finding in found}) == len(found)
    # Only a look: nothing was made.
    assert list(tmp_path.iterdir()) == []


def _not_well(finding: Finding) -> str:
    """Its sentence and its cure, both of which must be there."""
    assert finding.state != "well"
    assert finding.sentence.endswith(".")
    assert finding.cure
    return f"{finding.sentence} {finding.cure}"


@pytest.mark.parametrize("look", [tools.ffmpeg, tools.process_guard])
def test_a_missing_tool(
    look: Callable[[], Finding], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt install" in _not_well(look())


def test_an_ffmpeg_that_cannot_encode(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ffmpeg", "ffprobe"):
        tool = tmp_path / name
        tool.write_text("#!/bin/sh\necho 'ffmpeg version 6.0 Copyright'\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "libx264" in _not_well(tools.ffmpeg())


def test_a_setpriv_that_is_not_let_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "setpriv").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "setpriv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    usable.cache_clear()
    try:
        assert "capset" in _not_well(tools.process_guard())
    finally:
        usable.cache_clear()


def test_encoders_that_are_not_there(tmp_path: Path) -> None:
    wishes = {"encoder": "nvenc"}
    finding = tools.encoders(_settings(tmp_path, transcoding=wishes))
    assert finding.state == "well" or "nvenc" in _not_well(finding)


def test_a_missing_model(tmp_path: Path) -> None:
    wishes = {"enabled": True, "models_path": tmp_path}
    finding = tools.speech_model(_settings(tmp_path, transcription=wishes))
    assert "vlog models fetch medium" in _not_well(finding)


def test_a_storage_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert "mount it" in _not_well(places.storage(_settings(tmp_path)))


# The kernel decides: root is let write whatever the mode says, so that nothing is refused.
@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_storage_that_cannot_be_written(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    storage = LocalStorage(settings.storage.path)
    storage.prepare()
    storage.videos.chmod(0o500)
    assert "chown" in _not_well(places.storage(settings))
    storage.videos.chmod(0o700)


def test_little_space(tmp_path: Path) -> None:
    settings = _settings(tmp_path, ingest={"min_free_bytes": 10**18})
    assert places.free_space(settings).state == "broken"
    assert "larger disk" in _not_well(places.free_space(settings))


def test_a_restore_that_was_cut_off(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.database.path.mkdir()
    (settings.database.path / "vlog.db.restoring").write_text("{}")
    assert "vlog restore" in _not_well(places.database_place(settings))


def test_a_database_on_a_network_mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "network_mount", lambda folder: "nfs4")
    assert "nfs4" in _not_well(places.database_place(_settings(tmp_path)))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.database.path.mkdir()
    (settings.database.path / "vlog.db").write_bytes(b"not a database at all" * 1000)
    assert "vlog restore" in _not_well(database.schema(settings))
    assert "vlog restore" in _not_well(database.integrity(settings))


def test_a_schema_of_a_newer_version(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.database.path.mkdir()
    with closing(sqlite3.connect(settings.database.path / "vlog.db")) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    assert "9999" in _not_well(database.schema(settings))


def test_a_port_that_another_program_has(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        number = other.getsockname()[1]
        settings = _settings(tmp_path, public={"port": number})
        assert str(number) in _not_well(network.port("public", settings.public))


def test_a_certificate_that_is_not_there(tmp_path: Path) -> None:
    files = {"tls_certificate": str(tmp_path / "chain.pem"), "tls_key": str(tmp_path / "key.pem")}
    settings = _settings(tmp_path, public=files)
    assert "chain.pem" in _not_well(network.certificate("public", settings.public))


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("", "well"),
        ("https://video.example.org", "well"),
        ("https://video.example.org/", "well"),
        ("video.example.org", "broken"),
        ("ftp://video.example.org", "broken"),
        ("https://example.org/videos", "broken"),
        ("http://localhost:9000", "warning"),
    ],
)
def test_addresses_that_lead_nowhere(tmp_path: Path, address: str, state: str) -> None:
    finding = network.base_url(_settings(tmp_path, public={"base_url": address}))
    assert finding.state == state
    if state != "well":
        _not_well(finding)


def test_a_clock_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert "1970-01-01" in _not_well(machine.clock(_settings(tmp_path)))


def test_a_kernel_that_watches_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(machine, "Inotify", refuse)
    assert "max_user_instances" in _not_well(machine.inotify(_settings(tmp_path)))


def test_a_password_that_others_can_read(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse")
    secret.chmod(0o644)
    settings = _settings(tmp_path, admin={"password_file": str(secret)})
    assert "chmod 600" in _not_well(machine.password(settings))
    secret.chmod(0o600)
    assert machine.password(settings).state == "well"
