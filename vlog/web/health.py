"""Whether the process lives, and whether it does its work."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse

from vlog.web.models.health import HealthOut
from vlog.web.operations import Operation
from vlog.web.services import services_of

# Whoever asks has a limit of its own; a disk that hangs must not keep the answer back.
_ANSWER_SECONDS = 4.0


async def healthz(request: Request) -> HealthOut:
    """The process answers."""
    return HealthOut(status="ok", problems=[])


async def readyz(request: Request) -> HealthOut | JSONResponse:
    """The process does its work; 503 with the problems where it does not."""
    services = services_of(request)
    problems = services.health.problems()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await services.database.ping()
    except Exception:
        problems.append("The database does not answer.")
    if services.database.trouble is not None:
        problems.append(services.database.trouble)
    if problems:
        answer = HealthOut(status="not ready", problems=problems)
        return JSONResponse(answer.model_dump(), status_code=503)
    return HealthOut(status="ready", problems=[])


HEALTH = [
    Operation(
        "GET",
        "/healthz",
        healthz,
        summary="Is the process alive?",
        response=HealthOut,
        tags=("health",),
    ),
    Operation(
        "GET",
        "/readyz",
        readyz,
        summary="Does everything work?",
        response=HealthOut,
        otherwise={503: HealthOut},
        tags=("health",),
    ),
]
