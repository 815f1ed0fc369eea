"""The pages on how VLog is set up and how it fares."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vlog.catalog.webhook_events import Event
from vlog.errors import Conflict, Invalid
from vlog.transcoding.logos import MOST_HEIGHT, MOST_WIDTH
from vlog.web import settings_form
from vlog.web.api_health import condition_of
from vlog.web.examination import examiner_of
from vlog.web.pages import public_site, render
from vlog.web.services import services_of
from vlog.web.settings_view import settings_out

PATH = "/settings"
_LARGEST_FORM = 256 * 1024
EVENT_WORDS: dict[Event, str] = {
    "video.uploaded": "A file has arrived",
    "video.playable": "Watching can begin",
    "video.ready": "Every quality is made",
    "video.failed": "A video has failed",
    "video.deleted": "A video was deleted",
    "captions.ready": "Captions are there",
}


def settings_page_routes() -> list[Route]:
    """The page, and what its form is sent to."""
    return [
        Route(PATH, show, methods=["GET"], name="admin_settings"),
        Route(PATH, save, methods=["POST"], max_body_size=_LARGEST_FORM),
        Route(f"{PATH}/webhooks", show_webhooks, name="admin_webhooks"),
        Route("/storage", show_storage, name="admin_storage"),
        Route("/health", show_health, methods=["GET"], name="admin_health"),
        Route("/health/database", check_database, methods=["POST"]),
    ]


async def show(request: Request) -> Response:
    """The form, and what counts from the start on."""
    return await _page(request, saved="saved" in request.query_params)


async def save(request: Request) -> Response:
    """Take the form's values; then the page again, by an address that can be reloaded."""
    panel = services_of(request).panel_settings
    async with request.form(max_files=0, max_fields=200) as form:
        changes = settings_form.changes_of(panel.settings, form)
    try:
        await panel.change(changes)
    except (Invalid, Conflict) as error:
        response = await _page(request, wrong=changes, error=error.detail)
        response.status_code = error.status
        return response
    return RedirectResponse(f"{PATH}?saved", status_code=303)


async def show_webhooks(request: Request) -> Response:
    """Who is told what happens, and what was told."""
    return render(
        request,
        "admin/webhooks.html",
        here="settings",
        tab="webhooks",
        events=EVENT_WORDS,
        public_base=public_site(request),
    )


async def show_storage(request: Request) -> Response:
    """What takes room."""
    return render(
        request,
        "admin/storage.html",
        here="settings",
        tab="storage",
        public_base=public_site(request),
    )


async def show_health(request: Request) -> Response:
    """How everything fares, with a cure for what is not well."""
    health = await condition_of(request)
    return render(
        request,
        "admin/health.html",
        here="settings",
        tab="health",
        health=health,
        public_base=public_site(request),
    )


async def check_database(request: Request) -> Response:
    """Look through the database; then the page again."""
    await examiner_of(request).check_database()
    return RedirectResponse("/health", status_code=303)


async def _page(
    request: Request, *, saved: bool = False, wrong: dict[str, Any] | None = None, error: str = ""
) -> Response:
    services = services_of(request)
    live, shown = services.panel_settings.settings, settings_out(services)
    groups = await asyncio.to_thread(settings_form.groups, live, wrong, error)
    return render(
        request,
        "admin/settings.html",
        here="settings",
        tab="settings",
        groups=groups,
        fixed=settings_form.fixed(live, shown.settings),
        accent=shown.accent,
        saved=saved,
        error=error,
        logo_size=(MOST_WIDTH, MOST_HEIGHT),
        public_base=public_site(request),
    )
