"""`vlog passwd`, on the machine itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.web.panel import CHEAP
from vlog import password_hashing
from vlog.catalog import admin_sessions
from vlog.catalog.admin_sessions import Lifetime, Visitor
from vlog.cli import app
from vlog.database.engine import Database
from vlog.database.schema import AdminSession, AuditEntry, Password
from vlog.errors import Conflict, Invalid, PasswordNeeded
from vlog.password_setting import require_password, set_password
from vlog.process.instance_lock import InstanceLock
from vlog.settings import AdminSettings, DatabaseSettings, Settings

PASSWORD = "correct horse battery"


@pytest.fixture
def settings(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(password_hashing, "_hasher", CHEAP)
    return Settings(database=DatabaseSettings(path=tmp_path), admin=AdminSettings(host="0.0.0.0"))


async def test_it_is_set_also_while_vlog_runs_and_ends_every_session(
    settings: Settings, database: Database
) -> None:
    lifetime = Lifetime(timedelta(hours=1), timedelta(days=1))
    await database.write(lambda session: admin_sessions.start(session, Visitor("a", "b"), lifetime))
    with pytest.raises(PasswordNeeded):
        await require_password(settings)
    with InstanceLock(settings.database.path / "vlog.db"):
        assert await set_password(settings, PASSWORD) == 1
    assert await set_password(settings, PASSWORD + " again") == 0
    await require_password(settings)
    async with database.read() as session:
        hashed = await session.scalar(select(Password.hash))
        assert hashed is not None
        assert password_hashing.is_password(PASSWORD + " again", hashed)
        assert list(await session.scalars(select(AdminSession))) == []
        noted = list(await session.scalars(select(AuditEntry.actor_kind)))
    assert noted == ["machine", "machine"]


async def test_what_is_no_good_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="at least 12"):
        await set_password(settings, "short")
    named = settings.model_copy(update={"admin": AdminSettings(password_file="/etc/secret")})
    with pytest.raises(Conflict, match="/etc/secret"):
        await set_password(named, PASSWORD)
    await require_password(named)
    elsewhere = DatabaseSettings(path=tmp_path / "nothing")
    with pytest.raises(PasswordNeeded):
        await require_password(settings.model_copy(update={"database": elsewhere}))


def test_the_command_takes_a_line(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VLOG_DATABASE__PATH", str(settings.database.path))
    monkeypatch.setenv("VLOG_ADMIN__HOST", "0.0.0.0")
    refused = CliRunner().invoke(app, ["passwd"], input="short\n")
    assert (refused.exit_code, "characters" in refused.stderr) == (1, True)
    unsafe = CliRunner().invoke(app, ["config", "check"])
    assert (unsafe.exit_code, "vlog passwd" in unsafe.stderr) == (1, True)
    done = CliRunner().invoke(app, ["passwd"], input=f"{PASSWORD}\nnothing\n")
    assert (done.exit_code, done.output) == (0, "The password is set. Browsers signed out: 0.\n")
    asyncio.run(require_password(settings))
