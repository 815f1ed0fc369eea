"""What the handlers work with."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from vlog.database.engine import Database
from vlog.database.remembered import Remembered
from vlog.ingest.receiver import Receiver
from vlog.ingest.resumable import ResumableUploads
from vlog.ingest.watched_folder import WatchedFolder
from vlog.process.supervision import Health
from vlog.settings import Settings
from vlog.storage.hot_files import HotFiles
from vlog.storage.local import LocalStorage
from vlog.transcoding.removal import Remover
from vlog.transcoding.transcoder import Transcoder


@dataclass(frozen=True)
class Services:
    """Built once by the supervisor and shared by both apps."""

    settings: Settings
    database: Database
    storage: LocalStorage
    receiver: Receiver
    resumable: ResumableUploads
    watched_folder: WatchedFolder | None
    transcoder: Transcoder
    remover: Remover
    health: Health
    hot_files: HotFiles
    remembered: Remembered[bool]


def services_of(request: Request) -> Services:
    """The services of the app that got the request."""
    services: Services = request.app.state.services
    return services
