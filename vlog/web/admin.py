"""The admin panel: its pages, its API and previews, on its own port."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from vlog import __version__
from vlog.web.api_admin import ADMIN_API
from vlog.web.api_analytics import ANALYTICS_API
from vlog.web.api_captions import CAPTIONS_API
from vlog.web.api_imports import IMPORTS_API
from vlog.web.api_playlists import ADMIN_PLAYLIST_API
from vlog.web.api_share_links import SHARE_LINK_API
from vlog.web.api_transcription import TRANSCRIPTION_API
from vlog.web.api_uploads import UPLOADS_API, TusHeader
from vlog.web.assets import asset_routes
from vlog.web.guard import Guard
from vlog.web.health import HEALTH
from vlog.web.media import media_routes
from vlog.web.operations import openapi_route, routes_for
from vlog.web.pages import admin_page_routes, render_error_page
from vlog.web.playlist_pages import admin_playlist_page_routes
from vlog.web.problems import exception_handlers
from vlog.web.proxies import TrustedProxies
from vlog.web.security import (
    AdminBrowser,
    AdminPassword,
    HostCheck,
    SecurityHeaders,
    WriteProtection,
)
from vlog.web.services import Services
from vlog.web.visitor_limit import VisitorLimit

ADMIN_OPERATIONS = (
    *ADMIN_API,
    *UPLOADS_API,
    *IMPORTS_API,
    *SHARE_LINK_API,
    *CAPTIONS_API,
    *TRANSCRIPTION_API,
    *ADMIN_PLAYLIST_API,
    *ANALYTICS_API,
    *HEALTH,
)


def admin_app(services: Services, password: str | None) -> Guard:
    """The app behind its guard. With a password everything but `/healthz` asks for it."""
    app = Starlette(
        routes=[
            *admin_page_routes(),
            *admin_playlist_page_routes(),
            *routes_for(ADMIN_OPERATIONS),
            openapi_route("VLog admin", __version__, ADMIN_OPERATIONS),
            *media_routes(public=False),
            *asset_routes(),
        ],
        middleware=[
            Middleware(TusHeader),
            Middleware(HostCheck, settings=services.settings),
            Middleware(WriteProtection),
            Middleware(AdminPassword, password=password),
            Middleware(AdminBrowser),
        ],
        exception_handlers=exception_handlers(_error_page),
    )
    app.state.services = services
    # Outside of everything, or the answer to an unexpected error would go without them.
    delivery = services.settings.delivery
    layers = SecurityHeaders(VisitorLimit(app), delivery.cdn_url)
    return Guard(TrustedProxies(layers, delivery.trusted_proxies))


def _error_page(request: Request, status: int, title: str, detail: str) -> Response:
    return render_error_page(request, status, title, detail, admin=True)
