"""What the handlers work with."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from vlog.catalog.media_keys import MediaAccess
from vlog.courtesy import Courtesy
from vlog.database.engine import Database
from vlog.database.remembered import Remembered
from vlog.events import EventHub
from vlog.housekeeping.storage_keeper import StorageKeeper
from vlog.ingest.importer import Importer
from vlog.ingest.receiver import Receiver
from vlog.ingest.resumable import ResumableUploads
from vlog.ingest.watched_folder import WatchedFolder
from vlog.panel_settings import PanelSettings
from vlog.process.supervision import Health
from vlog.settings import Settings
from vlog.storage.hot_files import HotFiles
from vlog.storage.local import LocalStorage
from vlog.transcoding.removal import Remover
from vlog.transcoding.thumbnails import Thumbnails
from vlog.transcoding.transcoder import Transcoder
from vlog.transcription.caption_files import CaptionFiles
from vlog.transcription.transcriber import Transcriber
from vlog.web.visits import Visits
from vlog.webhooks.dispatcher import Dispatcher


@dataclass(frozen=True)
class Services:
    """Built once by the supervisor and shared by both apps."""

    settings: Settings
    database: Database
    storage: LocalStorage
    receiver: Receiver
    resumable: ResumableUploads
    importer: Importer
    watched_folder: WatchedFolder | None
    transcoder: Transcoder
    transcriber: Transcriber
    thumbnails: Thumbnails
    remover: Remover
    caption_files: CaptionFiles
    health: Health
    hot_files: HotFiles
    remembered: Remembered[MediaAccess]
    panel_settings: PanelSettings
    dispatcher: Dispatcher
    storage_keeper: StorageKeeper
    courtesy: Courtesy = field(default_factory=Courtesy)
    events: EventHub = field(default_factory=EventHub)
    visits: Visits = field(default_factory=Visits)


def services_of(request: Request) -> Services:
    """The services of the app that got the request."""
    services: Services = request.app.state.services
    return services
