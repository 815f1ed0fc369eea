"""The admin app alone, over a database, asked from wherever a test says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from starlette.routing import Route

from tests.web.asgi import services
from tests.web.sites import innermost
from vlog.database.engine import Database
from vlog.settings import Settings
from vlog.web.admin import admin_app
from vlog.web.admin_access import AdminAccess

PASSWORD = "correct horse battery"
AT = "http://127.0.0.1:9001"
# What a proxy on this machine says of somebody who is not at it.
ELSEWHERE = {"x-forwarded-for": "203.0.113.9"}
A_PAGE = {"accept": "text/html"}
# As strong as it must be to be fast; the real one takes an eighth of a second each time.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Panel:
    """The app, and who may use it."""

    app: Any
    access: AdminAccess
    database: Database

    def client(
        self, headers: dict[str, str] | None = None, *, at: str = AT, address: str = "127.0.0.1"
    ) -> httpx.AsyncClient:
        """Somebody with a cookie jar of their own."""
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url=at, headers=headers or {})

    async def set_password(self, password: str = PASSWORD) -> None:
        """As the set-up page does it, by somebody at this machine."""
        async with self.client() as local:
            answer = await local.post("/set-up", data={"password": password, "again": password})
        assert answer.status_code == 303, answer.text

    async def token(self, *scopes: str, **more: str) -> str:
        """The text of a new API token, made with the password."""
        async with self.client() as owner:
            answer = await owner.post(
                "/api/tokens",
                json={"name": " ".join(scopes), "scopes": list(scopes), **more},
                auth=("admin", PASSWORD),
            )
        assert answer.status_code == 201, answer.text
        text: str = answer.json()["token"]
        return text

    async def audit(self) -> list[dict[str, Any]]:
        """The audit log, the newest first."""
        async with self.client() as owner:
            answer = await owner.get("/api/audit?limit=200", auth=("admin", PASSWORD))
        assert answer.status_code == 200, answer.text
        entries: list[dict[str, Any]] = answer.json()["entries"]
        return entries

    def routes(self) -> Iterator[Route]:
        """The whole route table."""
        for route in innermost(self.app).routes:
            assert isinstance(route, Route)
            yield route


def panel(
    database: Database, settings: Settings | None = None, fixed_password: str | None = None
) -> Panel:
    """The app over a database."""
    settings = settings or Settings()
    folder = Path(str(database.engine.url.database)).parent / "storage"
    made = replace(services(folder, database), settings=settings)
    access = AdminAccess(database, settings, fixed_password)
    return Panel(admin_app(made, access), access, database)


def bearer(token: str) -> dict[str, str]:
    """The header of a program."""
    return {"authorization": f"Bearer {token}"}
