"""What players report: a viewing begins, goes on and ends. None of it is believed as it comes."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vlog import measures
from vlog.catalog import access, analytics_sessions
from vlog.catalog.analytics_video import heat_of
from vlog.catalog.analytics_watching import Claim
from vlog.database.types import now
from vlog.errors import BadRequest, Forbidden, Invalid, NotFound, PayloadTooLarge, TooManyRequests
from vlog.web.models.analytics import (
    Heartbeat,
    HeartbeatOut,
    HeatmapOut,
    NewSession,
    SessionEnd,
    SessionOut,
)
from vlog.web.operations import Operation
from vlog.web.services import services_of
from vlog.web.sharing import guarded, key_of
from vlog.web.visits import (
    COOKIE_PATH,
    COOKIE_SECONDS,
    VIEWER_COOKIE,
    identity_of,
    is_counted,
    refuses_cookies,
)

HEARTBEAT_SECONDS = 30
# `navigator.sendBeacon` sends a string as plain text.
_MEDIA_TYPES = ("application/json", "text/plain")
_LARGEST = 16 * 1024
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


async def begin_session(request: Request, *, body: NewSession) -> Response:
    """Begin a viewing."""
    services = services_of(request)
    settings = services.settings.analytics
    if not services.visits.may_begin(request):
        raise TooManyRequests
    if not settings.enabled or not is_counted(request):
        return _session(None)
    identity = None
    is_new = False
    if settings.viewer_cookie and not refuses_cookies(request):
        identity = identity_of(request)
        is_new = identity is None
        identity = identity or services.visits.new_identity(request)
    moment = now()
    token = await services.database.write(
        lambda session: analytics_sessions.begin(
            session,
            body.video_id,
            moment,
            identity=identity,
            referrer_host=_foreign_host(request, body.referrer),
        ),
        name="begin viewing",
    )
    measures.PLAYBACK_SESSIONS_STARTED.inc()
    answer = _session(token)
    if identity and is_new:
        _give_cookie(request, answer, identity)
    return answer


def _session(token: str | None) -> Response:
    out = SessionOut(session_token=token, heartbeat_seconds=HEARTBEAT_SECONDS)
    return JSONResponse(out.model_dump(), headers={"cache-control": "no-store"})


def _give_cookie(request: Request, answer: Response, identity: str) -> None:
    answer.set_cookie(
        VIEWER_COOKIE,
        identity,
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        # A proxy may have taken the TLS off; the browser says what it sees.
        secure=request.headers.get("origin", "").startswith("https:"),
    )


def _foreign_host(request: Request, referrer: str | None) -> str | None:
    host = (referrer or "").lower().rstrip(".")
    ours = (request.url.hostname or "").lower()
    return host if _HOST.fullmatch(host) and host != ours else None


async def take_heartbeat(request: Request, *, body: Heartbeat) -> HeartbeatOut:
    """Take what was watched so far."""
    return await _report(request, body, ends=False)


async def end_session(request: Request, *, body: SessionEnd) -> HeartbeatOut:
    """Take what was watched in all."""
    return await _report(request, body, ends=True)


async def _report(request: Request, body: Heartbeat, *, ends: bool) -> HeartbeatOut:
    services = services_of(request)
    if not services.visits.may_report(request):
        raise TooManyRequests
    claim = Claim(**body.model_dump(exclude={"session_token", "completed"}))
    moment = now()
    found = await services.database.write(
        lambda session: analytics_sessions.report(
            session,
            body.session_token,
            claim,
            moment,
            is_new=lambda video_id: services.visits.is_new_view(request, video_id),
            ends=ends,
        ),
        name="report on viewing",
    )
    return HeartbeatOut(status="ok", duration_watched=found.duration_watched, viewed=found.viewed)


async def get_heatmap(request: Request) -> Response:
    """Which parts of a video are played most."""
    services = services_of(request)
    least = services.settings.analytics.heatmap_viewers
    async with services.database.read() as session:
        slug, key = request.path_params["slug"], key_of(request)
        allowed = await access.of_slug(session, slug, key)
        heat = await heat_of(session, slug, least, key)
    return guarded(HeatmapOut(piece_seconds=heat.piece_seconds, values=heat.values), allowed)


ANALYTICS = ("analytics",)
_ERRORS = (BadRequest, Forbidden, NotFound, PayloadTooLarge, Invalid, TooManyRequests)

PLAYBACK_API = [
    Operation(
        "POST",
        "/api/analytics/session",
        begin_session,
        summary="Begin a viewing",
        body=NewSession,
        media_types=_MEDIA_TYPES,
        largest_body=_LARGEST,
        response=SessionOut,
        tags=ANALYTICS,
        errors=_ERRORS,
    ),
    Operation(
        "POST",
        "/api/analytics/heartbeat",
        take_heartbeat,
        summary="Report what was watched so far",
        body=Heartbeat,
        media_types=_MEDIA_TYPES,
        largest_body=_LARGEST,
        response=HeartbeatOut,
        tags=ANALYTICS,
        errors=_ERRORS,
    ),
    Operation(
        "POST",
        "/api/analytics/end",
        end_session,
        summary="End a viewing",
        body=SessionEnd,
        media_types=_MEDIA_TYPES,
        largest_body=_LARGEST,
        response=HeartbeatOut,
        tags=ANALYTICS,
        errors=_ERRORS,
    ),
    Operation(
        "GET",
        "/api/videos/{slug}/heatmap",
        get_heatmap,
        summary="See which parts are played most",
        response=HeatmapOut,
        tags=ANALYTICS,
        errors=(NotFound,),
    ),
]
