"""The one entry point: builds everything in order, keeps it running, and stops it in order."""

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
from vlog.access_keeping import AccessKeeper
from vlog.bookkeeping import Bookkeeper
from vlog.catalog import videos
from vlog.catalog.changes import Change, ChangeWatcher
from vlog.configuration import Configuration, admin_password
from vlog.courtesy import Courtesy
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable, passing_fault
from vlog.database.location import database_file, engine_url, prepare_folder
from vlog.database.migration import file_of, migrate
from vlog.database.remembered import Remembered
from vlog.errors import StartError
from vlog.events import EventHub
from vlog.housekeeping.storage_keeper import StorageKeeper
from vlog.housekeeping.trash_keeper import TrashKeeper
from vlog.ingest.importer import Importer
from vlog.ingest.receiver import Receiver
from vlog.ingest.resumable import ResumableUploads
from vlog.ingest.upload_keeper import UploadKeeper
from vlog.ingest.watched_folder import WatchedFolder
from vlog.live_settings import LiveSettings
from vlog.logs import get_logger
from vlog.measuring import Measurer
from vlog.panel_settings import PanelSettings
from vlog.process import systemd
from vlog.process.certificates import Certificate
from vlog.process.child_limits import try_tools
from vlog.process.instance_lock import InstanceLock
from vlog.process.open_files import allow_many
from vlog.process.servers import quiet_cancellations, run_server
from vlog.process.sockets import address_of, bind
from vlog.process.supervision import Health, Loop, beat, supervise
from vlog.process.tools import missing_tools
from vlog.settings import TlsSettings
from vlog.storage.hot_files import HotFiles
from vlog.storage.local import LocalStorage
from vlog.transcoding.removal import Remover
from vlog.transcoding.sweeper import Sweeper
from vlog.transcoding.thumbnails import Thumbnails
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop
from vlog.transcription.caption_files import CaptionFiles
from vlog.transcription.transcriber import Transcriber
from vlog.web.admin import admin_app
from vlog.web.admin_access import AdminAccess
from vlog.web.public import public_app
from vlog.web.services import Services
from vlog.webhooks.dispatcher import Dispatcher

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
            site = _Site(live, database, storage, password, certificates)
            runner.run(site.serve(public, admin, announce))
            if site.transcriber.stuck:
                _leave()


class _Site:
    """Everything that lives as long as the process."""

    def __init__(
        self,
        settings: LiveSettings,
        database: Database,
        storage: LocalStorage,
        password: str | None,
        certificates: list[Certificate | None],
    ) -> None:
        self.settings = settings
        self.database = database
        self.storage = storage
        self.access = AdminAccess(database, settings, password)
        self.certificates = certificates
        self.health = Health()
        self.events = EventHub()
        self.workshop = Workshop(database, storage, settings)
        self.transcoder = Transcoder(self.workshop)
        self.remover = Remover(self.workshop, self.transcoder)
        self.trash_keeper = TrashKeeper(database, self.remover, settings)
        self.sweeper = Sweeper(self.workshop)
        self.caption_files = CaptionFiles(self.workshop)
        self.transcriber = Transcriber(self.workshop, self.caption_files.changed)
        self.bookkeeper = Bookkeeper(database, settings)
        self.dispatcher = Dispatcher(database, settings)
        database_path = database_file(settings.database.path, settings.database.url)
        self.storage_keeper = StorageKeeper(database, storage, settings, database_path)
        self.panel_settings = PanelSettings(database, settings, self._wake)
        self.courtesy = Courtesy()
        self.receiver = Receiver(
            database, storage, settings.ingest, self.transcoder.wake, courtesy=self.courtesy
        )
        self.resumable = ResumableUploads(
            self.receiver.acceptance, settings.ingest, courtesy=self.courtesy
        )
        self.watched = self._watched_folder() if settings.ingest.watch else None
        self.services = self._services()
        self._connect()

    def _services(self) -> Services:
        """What the handlers of both apps work with."""
        return Services(
            settings=self.settings,
            database=self.database,
            storage=self.storage,
            receiver=self.receiver,
            resumable=self.resumable,
            importer=Importer(self.receiver.acceptance, self.receiver.room, self.settings.ingest),
            watched_folder=self.watched,
            transcoder=self.transcoder,
            transcriber=self.transcriber,
            thumbnails=Thumbnails(self.workshop),
            remover=self.remover,
            caption_files=self.caption_files,
            health=self.health,
            hot_files=HotFiles(self.settings.public.cache_bytes),
            remembered=Remembered(self.database),
            courtesy=self.courtesy,
            events=self.events,
            panel_settings=self.panel_settings,
            dispatcher=self.dispatcher,
            storage_keeper=self.storage_keeper,
        )

    def _connect(self) -> None:
        """Have each told what concerns it of the others."""
        self.database.watcher = ChangeWatcher(self.events.publish)
        self.workshop.captions_changed = self.caption_files.changed
        self.workshop.source_replaced = self.transcriber.look_again
        self.remover.on_gone = self.transcriber.wake
        self.storage_keeper.on_measured = lambda: self.events.publish([Change("storage")])

    def _watched_folder(self) -> WatchedFolder:
        return WatchedFolder(
            self.database,
            self.storage,
            self.settings.ingest,
            self.receiver,
            on_refused=lambda: self.events.publish([Change("folder")]),
        )

    def _wake(self) -> None:
        """The settings have changed: what waited may be possible now."""
        self.transcoder.wake()
        self.transcriber.wake()

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
            await self.panel_settings.load()
            await self.access.require_password(admin.getsockname()[0])
            await self._prepare_storage()
            await self.receiver.recover()
            await self.remover.recover()
            await self.transcoder.recover()
            await self.caption_files.recover()
            await self.transcriber.recover()
            if stop.is_set():
                return
            _tell_of_missing_tools()
            addresses = self._addresses(public, admin)
            invitation = await self.access.invitation(addresses[1])
            async with asyncio.TaskGroup() as group:
                self._start(group, public, admin, stop, addresses)
                announce(f"Public site: {addresses[0]}\nAdmin panel: {addresses[1]}{invitation}")
        finally:
            await self.database.dispose()
        log.info("VLog has stopped.", action="stopped")

    async def _open_database(self) -> None:
        try:
            await migrate(self.database)
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
        storage = self.storage
        if await asyncio.to_thread(storage.available):
            return
        async with self.database.read() as session:
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
            for listening, certificate in zip((public, admin), self.certificates, strict=True)
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
            (public_app(self.services), public, "public site"),
            (admin_app(self.services, self.access), admin, "admin panel"),
        )
        for (guard, listening, name), certificate in zip(servers, self.certificates, strict=True):
            group.create_task(run_server(guard, listening, stop, certificate), name=name)
        for name, loop in self._loops().items():
            group.create_task(supervise(name, loop, stop, self.health), name=name)
        if (seconds := systemd.watchdog_seconds()) is not None:
            alive = beat("watchdog", seconds, self.database.ping, stop, _say_alive)
            group.create_task(alive, name="watchdog")
        self.health.started = True
        systemd.notify("READY=1")
        log.info(
            "VLog serves.",
            action="serving",
            version=__version__,
            public=addresses[0],
            admin=addresses[1],
            sqlite=sqlite3.sqlite_version,
        )

    def _loops(self) -> dict[str, Loop]:
        """What goes on beside the servers for as long as VLog runs, by name."""
        loops: dict[str, Loop] = {
            "transcoder": self.transcoder.run,
            "transcription": self.transcriber.run,
            "remover": self.remover.run,
            "trash keeper": self.trash_keeper.run,
            "sweeper": self.sweeper.run,
            "caption files": self.caption_files.run,
            "bookkeeper": self.bookkeeper.run,
            "upload keeper": UploadKeeper(self.resumable).run,
            "access keeper": AccessKeeper(self.access).run,
            "measurer": Measurer(self.database, self.storage, file_of(self.database)).run,
            "webhooks": self.dispatcher.run,
            "storage keeper": self.storage_keeper.run,
        }
        if self.watched is not None:
            loops["watched folder"] = self.watched.run
        for certificate, whose in zip(self.certificates, ("public", "admin"), strict=True):
            if certificate is not None:
                loops[f"{whose} certificate"] = certificate.run
        return loops

    def _on_signal(self, number: signal.Signals, stop: anyio.Event) -> None:
        if stop.is_set():
            # A second signal means now; the encoders die with us.
            os._exit(128 + number)
        log.info("VLog stops.", action="stopping", signal=number.name)
        self.health.stopping = True
        systemd.notify("STOPPING=1")
        asyncio.get_running_loop().call_later(_STOP_SECONDS, _give_up)
        stop.set()
        self.events.close()


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
