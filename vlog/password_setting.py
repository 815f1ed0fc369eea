"""Setting the panel's password on the machine itself, whether VLog runs or not."""

from __future__ import annotations

import getpass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import admin_sessions, audit, passwords
from vlog.catalog.audit import Actor, Deed
from vlog.database.engine import Database
from vlog.database.faults import passing_fault
from vlog.database.location import database_file, engine_url, prepare_folder
from vlog.database.migration import migrate
from vlog.database.schema import Password
from vlog.errors import Conflict, PasswordNeeded, StartError
from vlog.password_hashing import hash_password
from vlog.process.instance_lock import InstanceLock
from vlog.settings import Settings, is_loopback


async def set_password(settings: Settings, password: str) -> int:
    """Set the password and sign every browser out; how many they were.

    Raises:
        Invalid: it is too short or too long.
        Conflict: the password is the one in a file.
        StartError: the database cannot be used.
    """
    if settings.admin.password_file:
        raise Conflict(
            f"The password is the one in {settings.admin.password_file}, which `[admin] "
            "password_file` names. Change it there and restart VLog."
        )
    passwords.check(password)
    hashed = hash_password(password)
    file = database_file(settings.database.path, settings.database.url)
    prepare_folder(file)
    database = Database(engine_url(file))

    async def work(session: AsyncSession) -> int:
        await passwords.store(session, hashed)
        deed = Deed("set_password", "Set the password with vlog passwd", status=200)
        audit.note(session, Actor("machine", _user()), "", deed)
        return await admin_sessions.end_all(session)

    try:
        await _prepare(database, InstanceLock(file))
        return await database.write(work, name="set the password")
    except DBAPIError as error:
        if (fault := passing_fault(error)) is None:
            raise
        raise StartError(f"The database cannot be opened. {fault.detail}") from error
    finally:
        await database.dispose()


async def require_password(settings: Settings) -> None:
    """Refuse what VLog would refuse at its start, without starting it. Raises PasswordNeeded."""
    if settings.admin.password_file or is_loopback(settings.admin.host):
        return
    file = database_file(settings.database.path, settings.database.url)
    if not file.exists():
        raise PasswordNeeded
    database = Database(engine_url(file))
    try:
        async with database.read() as session:
            if not await _knows_passwords(session) or await passwords.stored(session) is None:
                raise PasswordNeeded
    finally:
        await database.dispose()


async def _prepare(database: Database, lock: InstanceLock) -> None:
    """Bring the tables up to date, unless a running VLog has done so. Raises StartError."""
    try:
        with lock:
            await migrate(database)
    except StartError:
        async with database.read() as session:
            if not await _knows_passwords(session):
                raise


async def _knows_passwords(session: AsyncSession) -> bool:
    """Whether the database is of a version that has passwords."""
    tables = text("SELECT count(*) FROM sqlite_master WHERE name = :name")
    return bool(await session.scalar(tables, {"name": Password.__tablename__}))


def _user() -> str:
    """Who runs the command, as the system has it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
