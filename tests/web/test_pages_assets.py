from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from vlog.errors import ConfigurationError, NotFound
from vlog.web.assets import NOT_BUILT, Assets, asset_routes, load_assets

STYLE = b"body { color: teal }"


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "site-0a1b2c.css").write_bytes(STYLE)
    (dist / "site-0a1b2c.css.br").write_bytes(b"brotli")
    (dist / "site-0a1b2c.css.gz").write_bytes(b"gzip")
    (dist / "chunk-1.js").write_bytes(b"1")
    manifest = {"files": {"site.css": "site-0a1b2c.css"}, "preload": {"site.js": ["chunk-1.js"]}}
    (dist / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "secret.txt").write_text("secret")
    return load_assets(tmp_path)


@pytest_asyncio.fixture
async def client(assets: Assets) -> AsyncIterator[httpx.AsyncClient]:
    async def not_found(request: Request, error: Exception) -> Response:
        return Response(status_code=404)

    app = Starlette(routes=asset_routes(assets), exception_handlers={NotFound: not_found})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as session:
        yield session


def test_a_missing_build_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_assets(tmp_path)
    assert caught.value.detail == NOT_BUILT
    assert "make assets" in NOT_BUILT


def test_addresses_carry_the_hash(assets: Assets) -> None:
    assert assets.url("site.css") == "/assets/site-0a1b2c.css"
    assert assets.preload_urls("site.js") == ["/assets/chunk-1.js"]
    assert assets.preload_urls("other.js") == []


async def test_files_are_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/site-0a1b2c.css", headers={"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    assert answer.content == STYLE
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None)],
)
async def test_the_smallest_accepted_copy_is_sent(
    client: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    headers = {"Accept-Encoding": accepted}
    async with client.stream("GET", "/assets/site-0a1b2c.css", headers=headers) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert raw == {"br": b"brotli", "gzip": b"gzip", None: STYLE}[encoding]
    assert answer.headers["content-length"] == str(len(raw))


async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/assets/chunk-1.js")
    again = await client.get("/assets/chunk-1.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


async def test_each_encoding_has_its_own_etag(client: httpx.AsyncClient) -> None:
    tags = set()
    for accepted in ("br", "gzip", "identity"):
        headers = {"Accept-Encoding": accepted}
        async with client.stream("GET", "/assets/site-0a1b2c.css", headers=headers) as answer:
            tags.add(answer.headers["etag"])
    assert len(tags) == 3


@pytest.mark.parametrize(
    "path", ["manifest.json", "none.css", "..%2Fsecret.txt", "%2e%2e/secret.txt", "secret.txt"]
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/assets/{path}")
    assert answer.status_code == 404
