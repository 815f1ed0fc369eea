"""Every page there is, found in the routes of both apps, and an address for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.routing import Route

from tests.end_to_end.server import Server
from tests.web.sites import innermost, services_of_both
from vlog.database.engine import Database
from vlog.storage.local import LocalStorage
from vlog.web.admin import admin_app
from vlog.web.public import public_app

# Files that are served by name: what is built, pictures of the site, and what players load.
NOT_PAGES = frozenset({"asset", "branding", "media", "media_of_revision"})
_FILE = re.compile(r"\.\w+$")


@dataclass(frozen=True)
class Visit:
    """One page as a person comes to it. `status` is what it answers with."""

    name: str
    admin: bool
    address: str
    status: int = 200

    def url(self, server: Server) -> str:
        """Where a server has it."""
        port = server.admin_port if self.admin else server.public_port
        return f"http://127.0.0.1:{port}{self.address}"


@dataclass
class PageTable:
    """The pages to visit, and the routes for which `places` names no address."""

    visits: list[Visit] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def find_pages(server: Server, places: Mapping[str, str]) -> PageTable:
    """Ask for every route: what answers with HTML is a page.

    `places` has an address for each route with parameters, under `public` or `admin` and its path.
    """
    table = PageTable()
    for admin, route in _routes():
        client = server.admin if admin else server.public
        key = f"{'admin' if admin else 'public'} {route.path}"
        address = places.get(key, None if "{" in route.path else route.path)
        if address is None:
            table.unknown.append(key)
            continue
        answer = client.get(address, headers={"accept": "text/html"})
        if answer.headers.get("content-type", "").startswith("text/html"):
            table.visits.append(Visit(key, admin, address, answer.status_code))
    return table


def _routes() -> Iterator[tuple[bool, Route]]:
    """The routes that can be pages; whether they are the admin's."""
    # Nobody asks them anything, so the database is never opened.
    services = services_of_both(Database("sqlite+aiosqlite://"), LocalStorage(Path("nowhere")))
    for admin, guard in ((False, public_app(services)), (True, admin_app(services))):
        for route in innermost(guard).routes:
            assert isinstance(route, Route)
            programs = route.path.startswith("/api/") or "GET" not in (route.methods or ())
            file = "{" in route.path and _FILE.search(route.path)
            if not (programs or file or route.name in NOT_PAGES):
                yield admin, route
