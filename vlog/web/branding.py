"""How the site looks its own: a logo and a style sheet with the accent, under hashed names."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vlog.database.schema import SitePicture
from vlog.errors import NotFound
from vlog.web.assets import FOR_EVER
from vlog.web.colours import Accent, accents
from vlog.web.services import Services, services_of

_SHEET = re.compile(r"accent-(?P<colour>[0-9a-f]{6})-[0-9a-f]{10}\.css")
# As tall as VLog's own mark, in CSS pixels.
_SHOWN_HEIGHT = 32


@dataclass(frozen=True)
class LogoView:
    """Where the logo is, and the size in which it is shown, in CSS pixels."""

    url: str
    width: int
    height: int


def branding_routes() -> list[Route]:
    """The routes of both."""
    return [Route("/branding/{name}", _serve, name="branding")]


def logo_of(services: Services) -> LogoView | None:
    """The logo that is shown, or None for VLog's own mark."""
    logo = services.panel_settings.logo
    if logo is None:
        return None
    width = max(1, round(logo.width * _SHOWN_HEIGHT / logo.height))
    return LogoView(f"/branding/{_logo_name(logo)}", width, _SHOWN_HEIGHT)


def accent_url(services: Services) -> str | None:
    """Address of the style sheet with the accent, or None for VLog's own."""
    accent = services.settings.site.accent
    return f"/branding/{_sheet_name(accent)}" if accent else None


def accent_sheet(accent: str) -> str:
    """The style sheet that puts an accent in the place of VLog's own."""
    found = accents(accent)
    dark = f"@media (prefers-color-scheme: dark) {{\n  {_rule(found.dark)}\n}}\n"
    return f"{_rule(found.light)}\n{dark}"


def _rule(accent: Accent) -> str:
    return (
        f":root {{ --accent: {accent.colour}; --accent-strong: {accent.strong}; "
        f"--accent-soft: {accent.soft}; --accent-ink: {accent.ink}; }}"
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


def _logo_name(logo: SitePicture) -> str:
    return f"logo-{_hash(logo.content)}.png"


def _sheet_name(accent: str) -> str:
    return f"accent-{accent.removeprefix('#')}-{_hash(accent_sheet(accent).encode())}.css"


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    headers = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
    if (found := _SHEET.fullmatch(name)) is not None:
        accent = f"#{found['colour']}"
        if name == _sheet_name(accent):
            return Response(accent_sheet(accent), media_type="text/css", headers=headers)
    logo = services_of(request).panel_settings.logo
    if logo is None or name != _logo_name(logo):
        raise NotFound
    return Response(logo.content, media_type=logo.media_type, headers=headers)
