"""Settings in the API, and the logo."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from vlog.errors import Conflict, Invalid, PayloadTooLarge, Unavailable
from vlog.transcoding.logos import LARGEST_BYTES, make_logo
from vlog.web.models.settings import SettingsChange, SettingsOut
from vlog.web.operations import Operation, read_body
from vlog.web.services import services_of
from vlog.web.settings_view import changes_in, settings_out


async def get_settings(request: Request) -> SettingsOut:
    """Every setting, and where its value comes from."""
    return settings_out(services_of(request))


async def change_settings(request: Request, *, body: BaseModel) -> SettingsOut:
    """Change some; they count at once."""
    services = services_of(request)
    await services.panel_settings.change(changes_in(body))
    return settings_out(services)


async def put_logo(request: Request) -> SettingsOut:
    """Show another logo."""
    services = services_of(request)
    logo = await make_logo(await read_body(request, LARGEST_BYTES))
    await services.panel_settings.keep_logo(logo)
    return settings_out(services)


async def delete_logo(request: Request) -> Response:
    """Show VLog's own mark again."""
    await services_of(request).panel_settings.remove_logo()
    return Response(status_code=204)


_SETTINGS = ("settings",)

SETTINGS_API = [
    Operation(
        "GET",
        "/api/settings",
        get_settings,
        summary="List settings",
        response=SettingsOut,
        tags=_SETTINGS,
    ),
    Operation(
        "PATCH",
        "/api/settings",
        change_settings,
        summary="Change settings while VLog runs",
        body=SettingsChange,
        response=SettingsOut,
        tags=_SETTINGS,
        errors=(Conflict, Invalid, Unavailable),
    ),
    Operation(
        "PUT",
        "/api/settings/logo",
        put_logo,
        summary="Set the logo of the site",
        content=("image/png", "image/jpeg", "image/webp", "image/gif"),
        response=SettingsOut,
        tags=_SETTINGS,
        errors=(Invalid, PayloadTooLarge, Unavailable),
    ),
    Operation(
        "DELETE",
        "/api/settings/logo",
        delete_logo,
        summary="Remove the logo of the site",
        status=204,
        tags=_SETTINGS,
        errors=(Unavailable,),
    ),
]
