"""Hosts, origins and headers, on a small app behind the real layers."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.web.asgi import ask
from vlog.settings import AdminSettings, PublicSettings, Settings
from vlog.web.security import (
    CONTENT_SECURITY_POLICY,
    HostCheck,
    PublicCors,
    SecurityHeaders,
    WriteProtection,
)

SETTINGS = Settings(
    public=PublicSettings(base_url="https://video.example.org"),
    admin=AdminSettings(allowed_hosts=("nas.local",)),
)


def _client(*middleware: Middleware, base_url: str = "http://127.0.0.1:9000") -> httpx.AsyncClient:
    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.method)

    paths = ("/", "/healthz", "/api/videos", "/videos/film/master.m3u8")
    methods = ["GET", "POST", "PUT", "DELETE"]
    app = Starlette(
        routes=[Route(path, answer, methods=methods) for path in paths],
        middleware=list(middleware),
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9001", 200),
        ("192.168.1.5", 200),
        ("[::1]:9001", 200),
        ("localhost:9001", 200),
        ("LOCALHOST", 200),
        ("video.example.org", 200),
        ("nas.local:9000", 200),
        ("evil.example", 421),
        ("video.example.org.evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
        ("[::1", 421),
        ("nas.local/evil.example", 421),
        ("evil.example@nas.local", 421),
        ("[127.0.0.1]", 421),
    ],
)
async def test_only_our_names_are_answered(host: str, status: int) -> None:
    async with _client(Middleware(HostCheck, settings=SETTINGS)) as client:
        answer = await client.get("/", headers={"host": host})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:9000"}, 403),
        ({"origin": "http://127.0.0.1:9000"}, 200),
        ({"origin": "http://127.0.0.1:9001"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "https://evil.example"}, 403),
    ],
)
async def test_writes_must_come_from_us(headers: dict[str, str], status: int) -> None:
    async with _client(Middleware(WriteProtection)) as client:
        for method in ("POST", "PUT", "DELETE"):
            assert (await client.request(method, "/", headers=headers)).status_code == status
        assert (await client.get("/", headers=headers)).status_code == 200


_HOSTS = st.one_of(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=30),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(("", "http://", "http://[", "//", "user@", "evil.example/", "\xad", "[")),
        st.sampled_from(("localhost", "127.0.0.1", "::1", "nas.local", "[::1]", "evil.example")),
        st.sampled_from(
            ("", ":", ":9001", ":x", ".", "]", "@evil.example", "%00", "\\evil.example")
        ),
    ),
)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("yes")(scope, receive, send)


@settings(max_examples=150)
@given(_HOSTS)
async def test_any_host_gets_an_answer_and_no_foreign_one_a_page(host: str) -> None:
    answer = await ask(HostCheck(_answer, SETTINGS), "GET", "/", {"host": host})
    assert answer.status in (200, 421)
    if answer.status == 421:
        return
    # A page may say `http://{host}/...`, and that must lead here.
    there = urlsplit(f"http://{host}/page")
    assert (there.path, there.username) == ("/page", None)
    name = (there.hostname or "").rstrip(".")
    if name not in ("localhost", "nas.local"):
        ipaddress.ip_address(name)


@settings(max_examples=150)
@given(_HOSTS)
async def test_any_origin_gets_an_answer_and_none_but_ours_may_write(origin: str) -> None:
    headers = {"origin": origin, "host": "nas.local:9001"}
    answer = await ask(WriteProtection(_answer), "POST", "/", headers)
    assert answer.status == (200 if origin.endswith("//nas.local:9001") else 403)


async def test_every_answer_has_the_strict_headers() -> None:
    async with _client(Middleware(SecurityHeaders)) as client:
        for path in ("/", "/nowhere"):
            headers = (await client.get(path)).headers
            assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
            assert headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


async def test_players_elsewhere_may_read_media_but_not_with_credentials() -> None:
    async with _client(Middleware(PublicCors)) as client:
        for path in ("/api/videos", "/videos/film/master.m3u8"):
            headers = (await client.get(path)).headers
            assert headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in headers
        preflight = await client.options("/videos/film/master.m3u8")
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
        assert "access-control-allow-origin" not in (await client.get("/")).headers
        assert "access-control-allow-origin" not in (await client.post("/api/videos")).headers
