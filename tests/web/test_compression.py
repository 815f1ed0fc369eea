"""Text made smaller on its way, on a small app behind the layer."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from vlog.web.compression import Compression

PAGE = b"<p>The first boats leave before it is light.</p>" * 100
LARGE = PAGE * 40
ETAG = {"etag": '"1-2"'}


async def _answer(request: Request) -> Response:
    kind, size = request.query_params["kind"], request.query_params.get("size", "page")
    body = {"page": PAGE, "large": LARGE, "small": b"<p>Short</p>"}[size]
    status = int(request.query_params.get("status", 200))
    headers = {"cache-control": request.query_params.get("cache", "no-cache"), **ETAG}
    return Response(body, status, headers=headers, media_type=kind)


async def _stream(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield PAGE
        yield PAGE

    return StreamingResponse(parts(), media_type="text/html")


async def _get(path: str, **headers: str) -> tuple[httpx.Headers, bytes]:
    """The answer as it is on the way."""
    app = Starlette(
        routes=[Route("/", _answer), Route("/stream", _stream)],
        middleware=[Middleware(Compression)],
    )
    transport = httpx.ASGITransport(app)
    given = {"accept-encoding": "gzip, br"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
        client.stream("GET", path, headers=given) as answer,
    ):
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize(("size", "whole"), [("page", PAGE), ("large", LARGE)])
async def test_text_is_sent_smaller(size: str, whole: bytes) -> None:
    headers, body = await _get(f"/?kind=text/html&size={size}")
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert headers["etag"] == 'W/"1-2"'
    assert int(headers["content-length"]) == len(body) < len(whole) / 10
    assert gzip.decompress(body) == whole


@pytest.mark.parametrize(
    "path",
    [
        "/?kind=image/jpeg",
        "/?kind=video/mp2t",
        "/?kind=text/html&size=small",
        "/?kind=text/html&cache=private, no-store",
        "/?kind=text/html&status=206",
    ],
)
async def test_the_rest_is_sent_as_it_is(path: str) -> None:
    headers, body = await _get(path)
    assert "content-encoding" not in headers
    assert headers["etag"] == '"1-2"'
    assert body in (PAGE, b"<p>Short</p>")


@pytest.mark.parametrize(
    "asked",
    [
        {"accept_encoding": "br"},
        {"accept_encoding": "gzip;q=0, br"},
        {"accept_encoding": "identity"},
        {"range": "bytes=0-99"},
    ],
)
async def test_who_does_not_take_it_gets_the_text(asked: dict[str, str]) -> None:
    headers, body = await _get("/?kind=text/html", **asked)
    assert "content-encoding" not in headers
    assert body == PAGE


async def test_what_streams_is_not_held_back() -> None:
    headers, body = await _get("/stream")
    assert "content-encoding" not in headers
    assert headers["vary"] == "Accept-Encoding"
    assert body == PAGE * 2
