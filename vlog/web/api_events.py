"""The admin API: what happens, as it happens."""

from __future__ import annotations

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from vlog.errors import Unavailable
from vlog.web.event_stream import EventStream
from vlog.web.operations import Operation
from vlog.web.services import services_of


class EventsQuery(BaseModel):
    """Where the news go on."""

    after: str | None = Field(
        None,
        max_length=40,
        description="Id of the last event that was seen; the header `Last-Event-ID` counts more",
    )


async def follow(request: Request, *, query: EventsQuery) -> Response:
    """Server-sent events, each with `kind` and `video_id`.

    The first is of the kind `reset` where it is not known what the client has missed.
    """
    after = request.headers.get("last-event-id") or query.after
    return EventStream(services_of(request).events, after)


EVENTS_API = [
    Operation(
        "GET",
        "/api/events",
        follow,
        summary="Follow what happens (server-sent events)",
        query=EventsQuery,
        tags=("server",),
        errors=(Unavailable,),
    ),
]
