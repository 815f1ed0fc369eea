"""How VLog fares, for people: what is not well, in a sentence, with a cure."""

from __future__ import annotations

import asyncio
import platform
import sqlite3
import time
from datetime import UTC, datetime
from functools import cache
from importlib import metadata

from starlette.requests import Request

from vlog import __version__
from vlog.housekeeping.measuring import file_size
from vlog.web.examination import Checked, examiner_of
from vlog.web.models.health import (
    ConditionOut,
    DatabaseCheckOut,
    DatabaseOut,
    FindingOut,
    State,
    TaskOut,
)
from vlog.web.operations import Operation
from vlog.web.services import services_of

LABELS = {
    "database": "Database",
    "storage": "Storage folder",
    "disks": "Free space",
    "ffmpeg": "ffmpeg",
    "encoders": "Encoders",
    "loops": "Loops",
    "captions": "Captions",
    "videos": "Videos",
    "webhooks": "Webhooks",
}
_STATES: tuple[State, ...] = ("well", "warning", "broken")
_LIBRARIES = ("starlette", "hypercorn", "sqlalchemy", "pydantic", "faster-whisper")


async def get_health(request: Request) -> ConditionOut:
    """How everything fares now."""
    return await condition_of(request)


async def check_database(request: Request) -> DatabaseCheckOut:
    """Look through the whole database; it stays in use meanwhile."""
    return _check(await examiner_of(request).check_database())


async def condition_of(request: Request) -> ConditionOut:
    """What the page and the API say."""
    services, examiner = services_of(request), examiner_of(request)
    health, moment = services.health, time.monotonic()
    findings = await examiner.examine()
    file = services.storage_keeper.database_file
    size = await asyncio.to_thread(
        lambda: file_size(file) + file_size(file.with_name(f"{file.name}-wal"))
    )
    tools = {"ffmpeg": examiner.tools.version} if examiner.tools else {}
    return ConditionOut(
        state=max((finding.state for finding in findings), key=_STATES.index),
        started_at=datetime.fromtimestamp(time.time() - health.seconds, UTC),
        uptime_seconds=round(health.seconds),
        versions={**_versions(), **tools},
        findings=[
            FindingOut(label=LABELS[finding.name], **finding.__dict__) for finding in findings
        ],
        tasks=[
            TaskOut(
                name=name,
                restarts=task.restarts,
                looping=task.looping(moment),
                last_error=task.last_error,
            )
            for name, task in sorted(health.tasks.items())
        ],
        database=DatabaseOut(
            version=sqlite3.sqlite_version,
            size=size,
            check=_check(examiner.checked) if examiner.checked else None,
        ),
    )


def _check(checked: Checked) -> DatabaseCheckOut:
    found = checked.found
    return DatabaseCheckOut(
        checked_at=checked.at,
        seconds=found.seconds,
        ended=found.ended,
        complaints=list(found.complaints),
    )


@cache
def _versions() -> dict[str, str]:
    libraries = {name: metadata.version(name) for name in _LIBRARIES}
    python = platform.python_version()
    return {"vlog": __version__, "python": python, "sqlite": sqlite3.sqlite_version, **libraries}


_HEALTH = ("health",)

HEALTH_API = [
    Operation(
        "GET",
        "/api/health",
        get_health,
        summary="See how everything fares",
        response=ConditionOut,
        tags=_HEALTH,
    ),
    Operation(
        "POST",
        "/api/health/database",
        check_database,
        summary="Look through the whole database",
        response=DatabaseCheckOut,
        tags=_HEALTH,
    ),
]
