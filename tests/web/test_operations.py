"""Operations: one declaration routes, validates and documents."""

from __future__ import annotations

import httpx
import pytest
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from vlog.errors import NotFound
from vlog.web.admin import ADMIN_OPERATIONS
from vlog.web.operations import Operation, openapi_document, routes_for
from vlog.web.problems import exception_handlers
from vlog.web.public import PUBLIC_OPERATIONS


class Thing(BaseModel):
    name: str = Field(min_length=1)


class Filter(BaseModel):
    limit: int = Field(10, ge=1, le=100)


async def _list(request: Request, *, query: Filter) -> Thing:
    return Thing(name=str(query.limit))


async def _add(request: Request, *, body: Thing) -> Thing:
    return body


async def _get(request: Request) -> Thing:
    raise NotFound(f"There is no thing {request.path_params['thing_id']}.")


async def _break(request: Request) -> Thing:
    raise RuntimeError("a secret in /srv/path")


async def _remove(request: Request) -> Response:
    return Response(status_code=204)


OPERATIONS = [
    Operation("GET", "/things", _list, "List", query=Filter, response=Thing),
    Operation("POST", "/things", _add, "Add", body=Thing, response=Thing, status=201),
    Operation("GET", "/things/{thing_id:int}", _get, "Get", response=Thing, errors=(NotFound,)),
    Operation("DELETE", "/things/{thing_id:int}", _remove, "Remove", status=204),
    Operation("GET", "/broken", _break, "Break", response=Thing),
]


def _client() -> httpx.AsyncClient:
    app = Starlette(routes=routes_for(OPERATIONS), exception_handlers=exception_handlers())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_query_and_body_are_validated() -> None:
    async with _client() as client:
        assert (await client.get("/things?limit=5&unknown=1")).json() == {"name": "5"}
        added = await client.post("/things", json={"name": "chair"})
        assert (added.status_code, added.json()) == (201, {"name": "chair"})
        loud = {"content-type": "Application/JSON; charset=utf-8"}
        again = await client.post("/things", content=b'{"name": "chair"}', headers=loud)
        assert again.status_code == 201
        assert (await client.head("/things")).status_code == 200
        assert (await client.delete("/things/1")).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "content", "kind", "status", "code"),
    [
        ("GET", "/things?limit=0", b"", "", 422, "invalid"),
        ("GET", "/things?limit=many", b"", "", 422, "invalid"),
        ("POST", "/things", b'{"name": ""}', "application/json", 422, "invalid"),
        ("POST", "/things", b"[]", "application/json", 422, "invalid"),
        ("POST", "/things", b"{", "application/json", 400, "bad_request"),
        ("POST", "/things", b"\xff", "application/json", 400, "bad_request"),
        ("POST", "/things", b"[" * 200_000, "application/json", 400, "bad_request"),
        ("POST", "/things", b'{"name": NaN}', "application/json", 400, "bad_request"),
        ("POST", "/things", b"name=a", "text/plain", 415, "unsupported_media_type"),
        ("POST", "/things", b" " * 1_100_000, "application/json", 413, "payload_too_large"),
        ("GET", "/things/7", b"", "", 404, "not_found"),
        ("GET", "/things/x", b"", "", 404, "not_found"),
        ("PATCH", "/things", b"", "", 405, "method_not_allowed"),
        ("GET", "/broken", b"", "", 500, "internal_error"),
    ],
)
async def test_every_error_has_the_one_shape(
    method: str, path: str, content: bytes, kind: str, status: int, code: str
) -> None:
    async with _client() as client:
        headers = {"content-type": kind} if kind else {}
        answer = await client.request(method, path, content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id"}
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"].endswith(".")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "operations",
    [
        PUBLIC_OPERATIONS,
        ADMIN_OPERATIONS,
        OPERATIONS,
    ],
)
def test_the_document_says_what_the_routes_do(operations: list[Operation]) -> None:
    document = openapi_document("Test", "1", operations)
    assert document["openapi"] == "3.1.0"
    documented = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if method != "head"
    }
    routed = {
        (method, route.path.replace(":int}", "}"))
        for route in routes_for(operations)
        for method in (route.methods or ())
        if method != "HEAD"
    }
    assert documented == routed
    schemas = document["components"]["schemas"]
    references = set(_references(document))
    assert references
    assert references <= {f"#/components/schemas/{name}" for name in schemas}
    identifiers = [m["operationId"] for path in document["paths"].values() for m in path.values()]
    assert len(identifiers) == len(set(identifiers))


class Search(BaseModel):
    words: str
    limit: int = 10


class Found(BaseModel):
    words: str
    total: int = 0


class Change(BaseModel):
    words: str
    total: int = 0


async def _find(request: Request, *, query: Search, body: Change) -> Found:
    return Found(words=query.words)


def test_the_document_says_what_must_be_there() -> None:
    find = Operation("PUT", "/find", _find, "Find", query=Search, body=Change, response=Found)
    document = openapi_document("Test", "1", [find])
    required = {
        parameter["name"]: parameter["required"]
        for parameter in document["paths"]["/find"]["put"]["parameters"]
    }
    assert required == {"words": True, "limit": False}
    schemas = document["components"]["schemas"]
    # Every key is in an answer; in a request those with a default may be left out.
    assert schemas["Found"]["required"] == ["words", "total"]
    assert schemas["Change"]["required"] == ["words"]


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []
