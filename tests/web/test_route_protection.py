"""Every route of the admin app against everybody who must not use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from tests.web.panel import ELSEWHERE, PASSWORD, Panel, bearer
from vlog.catalog import api_tokens
from vlog.catalog.scopes import EVERYTHING, SCOPES, Scope, granted
from vlog.database.schema import ApiToken
from vlog.database.types import now
from vlog.web.admin import ADMIN_OPERATIONS
from vlog.web.operations import Operation, routes_for
from vlog.web.rate_limit import RateLimit
from vlog.web.requirements import OPEN, Requirements, derived_scope

_PARAMETER = re.compile(r"{\w+(?::(\w+))?}")


async def _reached(request: Request) -> Response:
    return PlainTextResponse("reached")


@pytest.fixture
async def guarded(closed_panel: Panel) -> Panel:
    """The real table behind the real layers. What a route would do is not done."""
    await closed_panel.set_password()
    for route in closed_panel.routes():
        if route.path not in ("/api/tokens", "/api/audit"):
            route.app = Route("/", _reached, methods=None).app
    return closed_panel


def _requests(panel: Panel) -> Iterator[tuple[str, str, str]]:
    """Method, path and path template of everything that can be asked."""
    for route in panel.routes():
        path = _PARAMETER.sub(lambda found: "7" if found[1] == "int" else "x", route.path)
        for method in sorted(route.methods or ()):
            yield method, path, route.path


def _closed(panel: Panel) -> list[tuple[str, str, str]]:
    found = [(method, path, t) for method, path, t in _requests(panel) if t not in OPEN]
    assert len(found) > 80
    return found


async def _refused(panel: Panel, headers: dict[str, str], status: int = 401) -> None:
    async with panel.client(headers) as client:
        for method, path, _ in _closed(panel):
            answer = await client.request(method, path)
            assert answer.status_code == status, (method, path, answer.status_code)
            if method != "HEAD":
                assert answer.headers["content-type"] == "application/problem+json"
                assert "reached" not in answer.text


async def test_what_is_open_is_what_has_to_be(guarded: Panel) -> None:
    signs, doors = {"/healthz", "/readyz"}, {"/sign-in", "/set-up", "/sign-out"}
    assert signs | doors | {"/assets/{name}", "/branding/{name}"} == OPEN
    async with guarded.client(ELSEWHERE) as stranger:
        for method, path, template in _requests(guarded):
            if template in OPEN:
                assert (await stranger.request(method, path)).status_code == 200, path


@pytest.mark.parametrize(
    "headers",
    [
        {},
        ELSEWHERE,
        {"cookie": "vlog_session=guessed"},
        {"cookie": "__Host-vlog_session=guessed"},
        {"authorization": "Basic YWRtaW46d3Jvbmc="},
        {"authorization": "Basic %%%"},
        {"authorization": "Bearer vlog_guessed"},
        {"authorization": "Bearer"},
        {"authorization": "Digest username=admin"},
    ],
    ids=str,
)
async def test_a_missing_or_wrong_credential_opens_nothing(
    guarded: Panel, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # More tries than an address has: this is about the routes, the limit has its own test.
    monkeypatch.setattr(RateLimit, "would_allow", lambda *_: True)
    await _refused(guarded, headers)


async def test_an_expired_or_revoked_token_opens_nothing(guarded: Panel) -> None:
    expired, revoked = await guarded.token("admin"), await guarded.token("admin")
    async with guarded.client() as client:
        for token in (expired, revoked):
            assert (await client.get("/", headers=bearer(token))).status_code == 200

    async def expire_and_revoke(session: AsyncSession) -> None:
        past = now() - timedelta(seconds=1)
        await session.execute(update(ApiToken).where(ApiToken.id == 1).values(expires_at=past))
        await api_tokens.revoke(session, 2)

    await guarded.database.write(expire_and_revoke)
    for token in (expired, revoked):
        await _refused(guarded, bearer(token))


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_token_opens_what_its_scope_is_for_and_nothing_else(
    guarded: Panel, scope: Scope
) -> None:
    headers = bearer(await guarded.token(scope))
    requirements = Requirements(list(guarded.routes()), ADMIN_OPERATIONS)
    opened = refused = 0
    async with guarded.client(headers) as program:
        for method, path, template in _closed(guarded):
            if template in ("/api/tokens", "/api/audit"):
                continue
            asked, _ = requirements.of({"type": "http", "method": method, "path": path})
            assert asked.scope is not None
            answer = await program.request(method, path)
            may = asked.scope in granted([scope])
            assert (answer.status_code == 200) is may, (method, path, asked.scope)
            opened, refused = opened + may, refused + (not may)
            if not may:
                assert answer.status_code == 403
                assert "insufficient_scope" in answer.headers["www-authenticate"]
    assert opened > 5
    assert (refused == 0) is (scope == "admin")


async def test_a_foreign_origin_writes_nothing_whoever_it_is(guarded: Panel) -> None:
    headers = bearer(await guarded.token("admin"))
    async with guarded.client(headers) as client:
        for method, path, _ in _requests(guarded):
            if method in ("GET", "HEAD", "OPTIONS"):
                continue
            for told in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
                answer = await client.request(method, path, headers=told)
                assert answer.status_code == 403, (method, path)
                assert answer.json()["code"] == "forbidden"


async def test_a_rebinding_host_reads_nothing_whoever_it_is(guarded: Panel) -> None:
    headers = bearer(await guarded.token("admin")) | {"host": "evil.example"}
    async with guarded.client(headers) as client:
        for method, path, _ in _requests(guarded):
            answer = await client.request(method, path)
            assert answer.status_code == 421, (method, path)


async def test_what_nobody_thought_of_needs_a_credential_too(guarded: Panel) -> None:
    async with guarded.client() as client:
        assert (await client.get("/nowhere")).status_code == 401
        assert (await client.get("/nowhere", auth=("admin", PASSWORD))).status_code == 404
        assert (await client.request("BREW", "/")).status_code == 401
        # A path that looks like an open one and is none.
        for path in ("/healthz/", "/assets/", "/assets/a/b", "/sign-in/", "//sign-in"):
            assert (await client.get(path)).status_code == 401, path


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/", "read"),
        ("HEAD", "/videos/{slug}/{name}", "read"),
        ("GET", "/api/events", "read"),
        ("GET", "/metrics", "read"),
        ("POST", "/api/videos", "upload"),
        ("PUT", "/api/videos/file/{filename}", "upload"),
        ("PATCH", "/api/uploads/{upload_id}", "upload"),
        ("HEAD", "/api/uploads/{upload_id}", "upload"),
        ("PUT", "/api/videos/{video_id:int}", "edit"),
        ("DELETE", "/api/videos/{video_id:int}", "edit"),
        ("POST", "/api/something-new", "edit"),
        ("GET", "/api/settings", "admin"),
        ("GET", "/settings", "admin"),
        ("GET", "/api/audit", "admin"),
        ("GET", "/audit-log", "admin"),
        ("GET", "/api/tokens", "admin"),
        ("GET", "/account", "admin"),
        ("POST", "/api/webhooks/{webhook_id:int}/test", "admin"),
        ("BREW", "/api/videos", "admin"),
    ],
)
def test_a_route_that_says_nothing_is_protected(method: str, path: str, scope: str) -> None:
    assert derived_scope(method, path) == scope


def test_an_operation_may_say_what_it_asks_for() -> None:
    said = Operation("GET", "/api/things", _reached, "List", scope="admin")
    silent = Operation("POST", "/api/things", _reached, "Add")
    routes: list[BaseRoute] = [*routes_for([said, silent])]
    requirements = Requirements(routes, [said, silent])
    for method, scope in (("GET", "admin"), ("HEAD", "admin"), ("POST", "edit")):
        found, _ = requirements.of({"type": "http", "method": method, "path": "/api/things"})
        assert (found.scope, found.is_open) == (scope, False)


async def test_the_document_says_which_scope_an_operation_asks_for(closed_panel: Panel) -> None:
    async with closed_panel.client() as local:
        document = (await local.get("/openapi.json")).json()
    assert document["paths"]["/healthz"]["get"]["security"] == []
    token, password, session = document["paths"]["/api/videos/{video_id}"]["delete"]["security"]
    assert (token, password, session) == ({"token": ["edit"]}, {"password": []}, {"session": []})
    assert set(document["components"]["securitySchemes"]) == {"token", "password", "session"}


def test_scopes_contain_each_other() -> None:
    assert granted(["read"]) == {"read"}
    assert granted(["upload"]) == {"upload"}
    assert granted(["edit"]) == {"edit", "read"}
    assert granted(["admin"]) == EVERYTHING
    assert granted(["unknown"]) == frozenset()
