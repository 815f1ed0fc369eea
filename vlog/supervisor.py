"""The one entry point: begins everything in order, keeps it running, and stops it in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import uvloop
from sqlalchemy.exc import DBAPIError

from vlog import __version__
from vlog.assembly import Assembly
from vlog.catalog import videos
from vlog.configuration import Configuration, admin_password
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable, passing_fault
from vlog.database.location import database_file, engine_url, prepare_folder
from vlog.database.migration import migrate
from vlog.errors import StartError
from vlog.live_settings import LiveSettings
from vlog.logs import get_logger
from vlog.process import systemd
from vlog.process.certificates import Certificate
from vlog.process.child_limits import try_tools
from vlog.process.instance_lock import InstanceLock
from vlog.process.open_files import allow_many
from vlog.process.servers import quiet_cancellations, run_server
from vlog.process.sockets import address_of, bind
from vlog.process.supervision import beat, supervise
from vlog.process.tools import missing_tools
from vlog.settings import TlsSettings
from vlog.storage.local import LocalStorage
from vlog.web.admin import admin_app
from vlog.web.public import public_app

log = get_logger(__name__)

# All of a stop takes at most so long; what has not ended then is left to the operating system.
_STOP_SECONDS = 9.5
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(configuration: Configuration, announce: Callable[[str], None]) -> None:
    """Serve until a signal comes.

    Args:
        configuration: what to run with.
        announce: told the two addresses, and how to set the first password, for the person at the
            terminal.

    Raises:
        StartError, ConfigurationError: one sentence says why VLog does not start.
    """
    settings = configuration.settings
    allow_many()
    password = admin_password(settings)
    file = database_file(settings.database.path, settings.database.url)
    public = bind(settings.public.host, settings.public.port, "public")
    admin = bind(settings.admin.host, settings.admin.port, "admin")
    prepare_folder(file)
    with InstanceLock(file):
        storage = LocalStorage(settings.storage.path)
        certificates = [_certificate(settings.public), _certificate(settings.admin)]
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            database = Database(engine_url(file), settings.logging.slow_query_seconds)
            live = LiveSettings.of(configuration)
            assembly = Assembly(live, database, storage, password, certificates)
            runner.run(_Supervisor(assembly).serve(public, admin, announce))
            if assembly.transcriber.stuck:
                _leave()


class _Supervisor:
    """Begins everything and ends it."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly

    async def serve(
        self, public: socket.socket, admin: socket.socket, announce: Callable[[str], None]
    ) -> None:
        """Run until a signal comes, then stop in order."""
        asyncio.get_running_loop().set_exception_handler(quiet_cancellations)
        stop = anyio.Event()
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number, stop)
        try:
            await asyncio.to_thread(try_tools)
            await self._open_database()
            await self.assembly.panel_settings.load()
            await self.assembly.access.require_password(admin.getsockname()[0])
            await self._prepare_storage()
            await self.assembly.recover()
            if stop.is_set():
                return
            _tell_of_missing_tools()
            addresses = self._addresses(public, admin)
            invitation = await self.assembly.access.invitation(addresses[1])
            async with asyncio.TaskGroup() as group:
                self._start(group, public, admin, stop, addresses)
                announce(f"Public site: {addresses[0]}\nAdmin panel: {addresses[1]}{invitation}")
        finally:
            await self.assembly.database.dispose()
        log.info("VLog has stopped.", action="stopped")

    async def _open_database(self) -> None:
        try:
            await migrate(self.assembly.database)
        except (DBAPIError, DatabaseUnavailable) as error:
            fault = passing_fault(error) if isinstance(error, DBAPIError) else error
            if fault is None:
                raise
            raise StartError(f"The database cannot be opened. {fault.detail}") from error

    async def _prepare_storage(self) -> None:
        """Make the storage's folders, unless they were there before and are away now.

        Made anew in the empty place of a share that is not mounted they would look like a storage
        that has lost all its videos.
        """
        storage = self.assembly.storage
        if await asyncio.to_thread(storage.available):
            return
        async with self.assembly.database.read() as session:
            used = await videos.have_come(session)
        if used and not await asyncio.to_thread(storage.videos.is_dir):
            log.error(
                "The storage folder is not there. Mount it; or, if it is lost for good, make its "
                "folders `uploads/.incoming` and `videos` again.",
                action="storage_away",
                path=str(storage.root),
            )
            return
        try:
            await asyncio.to_thread(storage.prepare)
        except OSError as error:
            raise StartError(
                f"The storage folder {storage.root} cannot be made: {error.strerror}. "
                "Choose another one with `[storage] path`."
            ) from error

    def _addresses(self, public: socket.socket, admin: socket.socket) -> list[str]:
        """What people type to come to each of the two."""
        return [
            address_of(listening, "https" if certificate else "http")
            for listening, certificate in zip(
                (public, admin), self.assembly.certificates, strict=True
            )
        ]

    def _start(
        self,
        group: asyncio.TaskGroup,
        public: socket.socket,
        admin: socket.socket,
        stop: anyio.Event,
        addresses: list[str],
    ) -> None:
        servers = (
            (public_app(self.assembly.services), public, "public site"),
            (admin_app(self.assembly.services, self.assembly.access), admin, "admin panel"),
        )
        for (guard, listening, name), certificate in zip(
            servers, self.assembly.certificates, strict=True
        ):
            group.create_task(run_server(guard, listening, stop, certificate), name=name)
        for name, loop in self.assembly.loops().items():
            group.create_task(supervise(name, loop, stop, self.assembly.health), name=name)
        if (seconds := systemd.watchdog_seconds()) is not None:
            alive = beat("watchdog", seconds, self.assembly.database.ping, stop, _say_alive)
            group.create_task(alive, name="watchdog")
        self.assembly.health.started = True
        systemd.notify("READY=1")
        log.info(
            "VLog serves.",
            action="serving",
            version=__version__,
            public=addresses[0],
            admin=addresses[1],
            sqlite=sqlite3.sqlite_version,
        )

    def _on_signal(self, number: signal.Signals, stop: anyio.Event) -> None:
        if stop.is_set():
            # A second signal means now; the encoders die with us.
            os._exit(128 + number)
        log.info("VLog stops.", action="stopping", signal=number.name)
        self.assembly.health.stopping = True
        systemd.notify("STOPPING=1")
        asyncio.get_running_loop().call_later(_STOP_SECONDS, _give_up)
        stop.set()
        self.assembly.events.close()


def _certificate(settings: TlsSettings) -> Certificate | None:
    if not settings.tls_certificate:
        return None
    return Certificate(Path(settings.tls_certificate), Path(settings.tls_key))


def _tell_of_missing_tools() -> None:
    """Videos that are there can be watched all the same, so that VLog starts without them."""
    if missing := missing_tools():
        log.error(
            f"No video can come in: {' and '.join(missing)} cannot be found. Install ffmpeg, such "
            "as with `apt install ffmpeg`; no new start is needed.",
            action="tools_missing",
            tools=missing,
        )


def _say_alive() -> None:
    systemd.notify("WATCHDOG=1")


def _leave() -> None:
    """End at once: the interpreter would wait for the model's thread, which may take a minute.

    Everything is committed, the engine disposed, and the lock goes with the process.
    """
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def _give_up() -> None:
    log.error(
        "Something did not end in time; the process ends all the same.", action="stop_overdue"
    )
    os._exit(1)
