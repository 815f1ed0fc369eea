"""Everything that lives as long as the process, made in order and made known to each other."""

from __future__ import annotations

from vlog.access_keeping import AccessKeeper
from vlog.bookkeeping import Bookkeeper
from vlog.catalog.changes import Change, ChangeWatcher
from vlog.courtesy import Courtesy
from vlog.database.engine import Database
from vlog.database.location import database_file
from vlog.database.migration import file_of
from vlog.database.remembered import Remembered
from vlog.events import EventHub
from vlog.housekeeping.storage_keeper import StorageKeeper
from vlog.housekeeping.trash_keeper import TrashKeeper
from vlog.ingest.importer import Importer
from vlog.ingest.receiver import Receiver
from vlog.ingest.resumable import ResumableUploads
from vlog.ingest.upload_keeper import UploadKeeper
from vlog.ingest.watched_folder import WatchedFolder
from vlog.live_settings import LiveSettings
from vlog.measuring import Measurer
from vlog.panel_settings import PanelSettings
from vlog.process.certificates import Certificate
from vlog.process.supervision import Health, Loop
from vlog.storage.hot_files import HotFiles
from vlog.storage.local import LocalStorage
from vlog.transcoding.removal import Remover
from vlog.transcoding.sweeper import Sweeper
from vlog.transcoding.thumbnails import Thumbnails
from vlog.transcoding.transcoder import Transcoder
from vlog.transcoding.workshop import Workshop
from vlog.transcription.caption_files import CaptionFiles
from vlog.transcription.transcriber import Transcriber
from vlog.web.admin_access import AdminAccess
from vlog.web.services import Services
from vlog.webhooks.dispatcher import Dispatcher


class Assembly:
    """All of VLog, put together. Nothing of it runs yet."""

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

    async def recover(self) -> None:
        """Bring to an end what the last process left half-done."""
        await self.receiver.recover()
        await self.remover.recover()
        await self.transcoder.recover()
        await self.caption_files.recover()
        await self.transcriber.recover()

    def loops(self) -> dict[str, Loop]:
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
