"""All looks, in the order in which a person mends things."""

from __future__ import annotations

from collections.abc import Iterator

from vlog.doctor import database, machine, network, places, tools
from vlog.doctor.findings import Finding
from vlog.settings import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one after the other. Blocks; nothing is changed."""
    yield tools.python()
    yield tools.sqlite()
    yield tools.ffmpeg()
    yield tools.encoders(settings)
    yield tools.process_guard()
    yield places.storage(settings)
    yield places.one_file_system(settings)
    yield places.free_space(settings)
    yield places.database_place(settings)
    yield database.schema(settings)
    yield database.integrity(settings)
    yield machine.password(settings)
    yield network.certificate("public", settings.public)
    yield network.certificate("admin", settings.admin)
    yield network.port("public", settings.public)
    yield network.port("admin", settings.admin)
    yield network.base_url(settings)
    yield machine.clock(settings)
    yield machine.inotify(settings)
    yield tools.speech_model(settings)
