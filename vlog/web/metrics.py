"""What is counted, in the text format of Prometheus."""

from __future__ import annotations

import asyncio

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from vlog import measures
from vlog.web.operations import Operation


async def metrics(request: Request) -> Response:
    """Print the registry; nothing is looked up for it."""
    # Some hundred lines of text: nobody else should wait for them.
    text = await asyncio.to_thread(generate_latest, measures.REGISTRY)
    return Response(
        text,
        headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4, "cache-control": "no-store"},
    )


METRICS = [
    Operation(
        "GET",
        "/metrics",
        metrics,
        summary="Read the figures, as Prometheus does",
        tags=("health",),
    )
]
