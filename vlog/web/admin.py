"""The admin panel: its pages, its API and previews, on its own port."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from vlog import __version__
from vlog.web.account_pages import account_routes
from vlog.web.admin_access import AdminAccess
from vlog.web.api_access import ACCESS_API
from vlog.web.api_analytics import ANALYTICS_API
from vlog.web.api_bulk import BULK_API
from vlog.web.api_captions import CAPTIONS_API
from vlog.web.api_categories import CATEGORIES_API
from vlog.web.api_chapters import CHAPTERS_API
from vlog.web.api_events import EVENTS_API
from vlog.web.api_health import HEALTH_API
from vlog.web.api_imports import IMPORTS_API
from vlog.web.api_playlists import ADMIN_PLAYLIST_API
from vlog.web.api_revisions import REVISIONS_API
from vlog.web.api_settings import SETTINGS_API
from vlog.web.api_share_links import SHARE_LINK_API
from vlog.web.api_source import SOURCE_API
from vlog.web.api_storage import STORAGE_API
from vlog.web.api_thumbnails import THUMBNAILS_API
from vlog.web.api_transcription import TRANSCRIPTION_API
from vlog.web.api_trash import TRASH_API
from vlog.web.api_uploads import UPLOADS_API, TusHeader
from vlog.web.api_videos import VIDEOS_API
from vlog.web.api_watched_folder import WATCHED_FOLDER_API
from vlog.web.api_webhooks import WEBHOOKS_API
from vlog.web.api_work import WORK_API
from vlog.web.assets import asset_routes
from vlog.web.audit_pages import audit_routes
from vlog.web.branding import branding_routes
from vlog.web.credentials import Credentials
from vlog.web.examination import Examiner
from vlog.web.guard import Guard
from vlog.web.health import HEALTH
from vlog.web.library_pages import library_page_routes
from vlog.web.media import media_routes
from vlog.web.metrics import METRICS
from vlog.web.operations import openapi_route, routes_for
from vlog.web.pages import admin_page_routes, render_error_page
from vlog.web.playlist_pages import admin_playlist_page_routes
from vlog.web.problems import exception_handlers
from vlog.web.proxies import TrustedProxies
from vlog.web.request_record import RequestRecord
from vlog.web.requirements import ADMIN_SECURITY, Requirements
from vlog.web.security import AdminBrowser, HostCheck, SecurityHeaders, WriteProtection
from vlog.web.services import Services
from vlog.web.settings_pages import settings_page_routes
from vlog.web.sign_in_pages import sign_in_routes
from vlog.web.visitor_limit import VisitorLimit

ADMIN_OPERATIONS = (
    *VIDEOS_API,
    *REVISIONS_API,
    *CATEGORIES_API,
    *WATCHED_FOLDER_API,
    *BULK_API,
    *TRASH_API,
    *UPLOADS_API,
    *IMPORTS_API,
    *SHARE_LINK_API,
    *CAPTIONS_API,
    *CHAPTERS_API,
    *THUMBNAILS_API,
    *SOURCE_API,
    *WORK_API,
    *TRANSCRIPTION_API,
    *ADMIN_PLAYLIST_API,
    *ANALYTICS_API,
    *ACCESS_API,
    *EVENTS_API,
    *SETTINGS_API,
    *WEBHOOKS_API,
    *STORAGE_API,
    *HEALTH_API,
    *HEALTH,
    *METRICS,
)


def admin_app(services: Services, access: AdminAccess | None = None) -> Guard:
    """The app behind its guard. `access` says who may use it; by default, as the database says."""
    access = access or AdminAccess(services.database, services.settings, None)
    routes = [
        *admin_page_routes(),
        *library_page_routes(),
        *admin_playlist_page_routes(),
        *sign_in_routes(),
        *account_routes(),
        *audit_routes(),
        *settings_page_routes(),
        *routes_for(ADMIN_OPERATIONS),
        openapi_route("VLog admin", __version__, ADMIN_OPERATIONS, ADMIN_SECURITY),
        *media_routes(public=False),
        *asset_routes(),
        *branding_routes(),
    ]
    requirements = Requirements(routes, ADMIN_OPERATIONS)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(TusHeader),
            Middleware(HostCheck, settings=services.settings),
            Middleware(WriteProtection),
            Middleware(Credentials, access=access, requirements=requirements),
            Middleware(AdminBrowser),
        ],
        exception_handlers=exception_handlers(_error_page),
    )
    app.state.services = services
    app.state.access = access
    app.state.examiner = Examiner(services)
    # Outside of everything, or the answer to an unexpected error would go without them.
    delivery = services.settings.delivery
    layers = SecurityHeaders(VisitorLimit(app), delivery.cdn_url)
    # Where a proxy is believed the scope is another one from there on, and the route is in that.
    record = RequestRecord(layers, "admin", access=services.settings.logging.access)
    return Guard(TrustedProxies(record, delivery.trusted_proxies), services.courtesy)


def _error_page(request: Request, status: int, title: str, detail: str) -> Response:
    return render_error_page(request, status, title, detail, admin=True)
