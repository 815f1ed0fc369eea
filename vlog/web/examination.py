"""How the running VLog fares: each look within a time, all of them at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from vlog.catalog import current_troubles
from vlog.database.quick_check import QuickCheck, quick_check
from vlog.database.types import now
from vlog.doctor.findings import Finding, broken, warning, well
from vlog.housekeeping.storage_keeper import Volume
from vlog.logs import get_logger
from vlog.process.tools import Ffmpeg, ffmpeg
from vlog.storage.condition import DISK_FULL, why_not_now
from vlog.web.services import Services

log = get_logger(__name__)

_LOOK_SECONDS = 15.0
_CHECK_SECONDS = 60.0
# What a tool says of itself changes only when somebody installs another.
_TOOLS_SECONDS = 300.0
_LITTLE_BYTES = 5 * 10**9
_LATELY = timedelta(days=1)

Look = Callable[[Services], Awaitable[Finding]]


@dataclass(frozen=True)
class Checked:
    """A look through the database, and when."""

    at: datetime
    found: QuickCheck


class Examiner:
    """Looks, and remembers what takes long to find out. One per process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.checked: Checked | None = None
        self.tools: Ffmpeg | None = None
        self._tools_at = -_TOOLS_SECONDS
        self._one_at_a_time = asyncio.Lock()

    async def examine(self) -> list[Finding]:
        """All findings, in the order in which a person mends things."""
        looks: dict[str, Look] = {
            "database": self._database,
            "storage": _storage,
            "disks": _disks,
            "ffmpeg": self._ffmpeg,
            "encoders": _encoders,
            "loops": _loops,
            "captions": _captions,
            "videos": _videos,
            "webhooks": _webhooks,
        }
        asked = (_in_time(name, look, self._services) for name, look in looks.items())
        return list(await asyncio.gather(*asked))

    async def check_database(self) -> Checked:
        """Look through the whole database, one at a time."""
        file = self._services.storage_keeper.database_file
        async with self._one_at_a_time:
            found = await asyncio.to_thread(quick_check, file, _CHECK_SECONDS)
            self.checked = Checked(now(), found)
        return self.checked

    async def _database(self, services: Services) -> Finding:
        began = time.monotonic()
        await services.database.ping()
        milliseconds = (time.monotonic() - began) * 1000
        if services.database.trouble is not None:
            return broken("database", services.database.trouble, "Free space, or mend the disk.")
        if self.checked is not None and self.checked.found.complaints:
            return broken(
                "database",
                f"The database is damaged: {self.checked.found.complaints[0]}.",
                "Stop VLog, keep a copy of the file, and put the last backup in its place.",
            )
        return well("database", f"The database answers within {milliseconds:.0f} ms.")

    async def _ffmpeg(self, services: Services) -> Finding:
        if time.monotonic() - self._tools_at >= _TOOLS_SECONDS:
            self.tools = await asyncio.to_thread(ffmpeg)
            self._tools_at = time.monotonic()
        if self.tools is None:
            self._tools_at = -_TOOLS_SECONDS
            return broken(
                "ffmpeg",
                "ffmpeg does not answer, so no video can be made.",
                "Install ffmpeg, such as with `apt install ffmpeg`.",
            )
        if self.tools.missing:
            return broken(
                "ffmpeg",
                f"ffmpeg {self.tools.version} cannot encode with {', '.join(self.tools.missing)}.",
                "Install the ffmpeg of your distribution, which has them.",
            )
        return well("ffmpeg", f"ffmpeg {self.tools.version} encodes H.264, AAC and pictures.")


def examiner_of(request: Request) -> Examiner:
    """The examiner of the admin panel."""
    examiner: Examiner = request.app.state.examiner
    return examiner


async def _in_time(name: str, look: Look, services: Services) -> Finding:
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            return await look(services)
    except TimeoutError:
        return broken(
            name,
            f"There was no answer within {_LOOK_SECONDS:.0f} s.",
            "Look whether the disk or the share that it lies on still answers.",
        )
    except Exception as error:
        log.error("A look at the health failed.", action="look_failed", look=name, exc_info=error)
        return broken(name, f"The look failed: {type(error).__name__}.", "The log says why.")


async def _storage(services: Services) -> Finding:
    free = services.settings.ingest.min_free_bytes
    trouble = await asyncio.to_thread(why_not_now, services.storage, free)
    if trouble is None:
        return well("storage", "The storage folder is there and can be written to.")
    if trouble == DISK_FULL:
        return broken("storage", trouble, "Remove videos, or empty the trash.")
    return broken("storage", trouble, "Mount it, and let VLog write there.")


async def _disks(services: Services) -> Finding:
    volumes = services.storage_keeper.volumes
    if not volumes:
        return well("disks", "The disks have not been looked at yet.")
    least = services.settings.ingest.min_free_bytes
    tight = min(volumes, key=lambda volume: volume.free)
    sentence = f"{_size(tight.free)} of {_size(tight.total)} are free {_place(tight)}."
    cure = "Remove videos, or move to a larger disk."
    if tight.free < least:
        return broken("disks", f"Only {sentence} No work is begun.", cure)
    if tight.free < max(_LITTLE_BYTES, 2 * least):
        return warning("disks", f"Only {sentence}", cure)
    return well("disks", sentence)


async def _encoders(services: Services) -> Finding:
    wishes = services.settings.transcoding
    found = await services.transcoder.workshop.encoders()
    sentence = " ".join(found.sentences) or "H.264 is encoded in software, as configured."
    as_wished = set(found.codecs) == set(wishes.codecs) and (
        wishes.encoder == "software" or found.encoder != "software"
    )
    if as_wished:
        return well("encoders", sentence)
    return warning("encoders", sentence, "Install what is missing, then restart VLog.")


async def _loops(services: Services) -> Finding:
    tasks, moment = services.health.tasks, time.monotonic()
    looping = [name for name, task in tasks.items() if task.looping(moment)]
    again = [name for name, task in tasks.items() if task.restarts]
    cure = "Look into the log for `task_crashed`, and report what it says."
    if looping:
        return broken("loops", f"Keeps crashing: {', '.join(looping)}.", cure)
    if again:
        return warning("loops", f"Was started again after a crash: {', '.join(again)}.", cure)
    return well("loops", f"All {len(tasks)} loops run, and none has crashed.")


async def _captions(services: Services) -> Finding:
    wishes = services.settings.transcription
    if not wishes.enabled:
        return well("captions", "Captions are switched off.")
    reason = await asyncio.to_thread(services.transcriber.why_unusable)
    if reason is None:
        return well("captions", f"The speech model “{wishes.model}” is here.")
    return warning("captions", reason, "Fetch it, choose another one, or switch captions off.")


async def _videos(services: Services) -> Finding:
    async with services.database.read() as session:
        count = await current_troubles.failed_videos(session)
    if not count:
        return well("videos", "No video has failed.")
    said = "One video has failed." if count == 1 else f"{count} videos have failed."
    return warning("videos", said, "Open them in the list of videos: each says what to do.")


async def _webhooks(services: Services) -> Finding:
    async with services.database.read() as session:
        silent = await current_troubles.silent_webhooks(session, now() - _LATELY)
    if not silent:
        return well("webhooks", "Every message of the last day arrived, or is still tried.")
    return warning(
        "webhooks",
        f"Messages did not arrive at {', '.join(silent)}.",
        "Look into the log of deliveries, mend the receiver, and send them again.",
    )


def _place(volume: Volume) -> str:
    return f"where the {' and the '.join(volume.holds)} lie{'s' if len(volume.holds) == 1 else ''}"


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
