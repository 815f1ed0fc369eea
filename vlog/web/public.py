"""The public site: pages, the public API and media, on its own port."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from vlog import __version__
from vlog.database.remembered import Remembered
from vlog.web.api_captions import PUBLIC_CAPTIONS_API
from vlog.web.api_playback import PLAYBACK_API
from vlog.web.api_playlists import PUBLIC_PLAYLIST_API
from vlog.web.api_public import PUBLIC_API
from vlog.web.api_search import SEARCH_API
from vlog.web.assets import asset_routes
from vlog.web.branding import branding_routes
from vlog.web.compression import Compression
from vlog.web.feeds import feed_routes
from vlog.web.guard import Guard
from vlog.web.health import HEALTH
from vlog.web.hot_answers import HotAnswers
from vlog.web.list_pages import list_page_routes
from vlog.web.media import media_routes
from vlog.web.operations import openapi_route, routes_for
from vlog.web.pages import public_page_routes, render_error_page
from vlog.web.problems import exception_handlers
from vlog.web.proxies import TrustedProxies
from vlog.web.request_record import RequestRecord
from vlog.web.security import HostCheck, PublicCors, SecurityHeaders, WriteProtection
from vlog.web.services import Services
from vlog.web.sitemap import sitemap_routes
from vlog.web.visitor_limit import VisitorLimit
from vlog.web.watch_pages import watch_page_routes

PUBLIC_OPERATIONS = (
    *PUBLIC_API,
    *PUBLIC_CAPTIONS_API,
    *PUBLIC_PLAYLIST_API,
    *SEARCH_API,
    *PLAYBACK_API,
    *HEALTH,
)


def public_app(services: Services) -> Guard:
    """The app behind its guard."""
    app = Starlette(
        routes=[
            # First, for most requests are for segments, and routes are looked through in order.
            *media_routes(public=True),
            *public_page_routes(),
            *watch_page_routes(),
            *list_page_routes(),
            *feed_routes(),
            *sitemap_routes(),
            *routes_for(PUBLIC_OPERATIONS),
            openapi_route("VLog", __version__, PUBLIC_OPERATIONS),
            *asset_routes(),
            *branding_routes(),
        ],
        middleware=[
            Middleware(HostCheck, settings=services.settings),
            Middleware(WriteProtection),
            Middleware(PublicCors),
            Middleware(Compression),
        ],
        exception_handlers=exception_handlers(_error_page),
    )
    app.state.services = services
    hot = HotAnswers(app, services.hot_files, Remembered(services.database))
    # Outside of everything, or the answer to an unexpected error would go without them.
    delivery = services.settings.delivery
    layers = SecurityHeaders(VisitorLimit(hot), delivery.cdn_url)
    # Where a proxy is believed the scope is another one from there on, and the route is in that.
    record = RequestRecord(layers, "public", access=services.settings.logging.access)
    return Guard(TrustedProxies(record, delivery.trusted_proxies), services.courtesy)


def _error_page(request: Request, status: int, title: str, detail: str) -> Response:
    return render_error_page(request, status, title, detail, admin=False)
