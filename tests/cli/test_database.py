"""`vlog db`, as a person types it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vlog.cli import app
from vlog.database.migration import known_revisions
from vlog.process.instance_lock import InstanceLock

NEWEST = known_revisions()[-1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the configuration says that the database is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VLOG_DATABASE__PATH", str(tmp_path))
    return tmp_path


def _run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, ["db", *arguments], input=answer)


def _make(folder: Path) -> Path:
    file = folder / "vlog.db"
    sqlite3.connect(file).close()
    assert _run("upgrade").exit_code == 0
    return file


def test_up_down_and_up_again(folder: Path) -> None:
    file = _make(folder)
    assert f"Its schema is {NEWEST}" in _run("check").stdout
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO slugs VALUES ('kept', '2026-01-01')")
    refused = _run("downgrade", "0009", answer="n\n")
    assert refused.exit_code == 1
    down = json.loads(_run("downgrade", "0009", "--yes", "--json").stdout)
    assert down["schema"] == "0009"
    checked = json.loads(_run("check", "--json").stdout)
    assert checked["schema"] == "0009"
    assert checked["missing_migrations"][0] == "0010"
    up = json.loads(_run("upgrade", "--json").stdout)
    assert up["schema"] == NEWEST
    for copy in (down["copy"], up["copy"]):
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT slug FROM slugs").fetchall() == [("kept",)]
    assert json.loads(_run("upgrade", "--json").stdout)["copy"] is None


def test_it_is_refused_while_vlog_runs(folder: Path) -> None:
    file = _make(folder)
    with InstanceLock(file):
        for command in (["upgrade"], ["downgrade", "0009", "--yes"], ["check", "--rebuild-search"]):
            refused = _run(*command)
            assert refused.exit_code == 1
            assert "process" in refused.stderr
        assert "was not compared" in _run("check").stdout


def test_damage_is_said_and_search_is_mended(folder: Path) -> None:
    file = _make(folder)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TRIGGER search_category_added")
        connection.execute("INSERT INTO categories VALUES (1, 'Travel', 'travel', '', '2026')")
    damaged = _run("check")
    assert damaged.exit_code == 1
    assert "--rebuild-search" in damaged.stdout
    assert _run("check", "--rebuild-search").exit_code == 0
    assert _run("check").exit_code == 0


def test_without_a_database_it_says_so(folder: Path) -> None:
    refused = _run("check")
    assert refused.exit_code == 1
    assert "no database" in refused.stderr
    assert list(folder.iterdir()) == []
