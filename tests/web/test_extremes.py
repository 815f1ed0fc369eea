"""Numbers, moments and texts at the ends of what can be written, wherever requests have them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.web.asgi import services
from vlog.database.engine import Database
from vlog.database.schema import Slug, Video
from vlog.database.types import now
from vlog.web.admin import admin_app
from vlog.web.public import public_app

_INTEGERS = (2**63, int("9" * 4000), -(2**63) - 1)
_NUMBERS = (1e308, 10**30)
_MOMENTS = ("9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00")
_DAYS = ("9999-12-31", "0001-01-01")
_TEXTS = ("\0", "x" * 5000)
# What would begin something that a test of answers alone need not wait for.
_LEFT_OUT = ("/api/events", "/api/backup")


@pytest.fixture
async def ports(database: Database, tmp_path: Path) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Both apps with everything that they work with, and a video."""
    made = services(tmp_path / "storage", database)

    async def add(session: AsyncSession) -> None:
        session.add(Slug(slug="film"))
        await session.flush()
        shown = {"published_at": now(), "playable_at": now(), "duration": 60.0}
        session.add(Video(slug="film", title="Film", status="ready", **shown))

    await database.write(add)
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                    base_url="http://127.0.0.1",
                )
            )
            for app in (public_app(made), admin_app(made, None))
        ]


async def test_nothing_at_the_end_of_what_can_be_written_is_a_fault_of_the_server(
    ports: list[httpx.AsyncClient],
) -> None:
    asked = 0
    for client in ports:
        document = (await client.get("/openapi.json")).json()
        for path, operations in document["paths"].items():
            if path.startswith(_LEFT_OUT):
                continue
            for method, operation in operations.items():
                for request in _requests(path, operation, document):
                    answer = await client.request(method, **request)
                    said = (method, str(request)[:200], answer.text)
                    # What is only away for now says so itself.
                    assert answer.status_code < 500 or answer.status_code == 503, said
                    asked += 1
    assert asked > 500


def _requests(path: str, operation: dict[str, Any], document: Any) -> Iterator[dict[str, Any]]:
    """An operation with one extreme at a time; all else is as it may be."""
    usual = re.sub(r"{\w+_id}", "1", path)
    usual = re.sub(r"{\w+}", "film", usual)
    for name in re.findall(r"{(\w+_id)}", path):
        for value in _INTEGERS[:2]:
            yield {"url": re.sub(r"{\w+}", "1", path.replace(f"{{{name}}}", str(value)))}
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            for value in _extremes(parameter["schema"], document):
                yield {"url": usual, "params": {parameter["name"]: str(value)}}
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        schema = _resolved(content["application/json"]["schema"], document)
        body = _example(schema, document)
        for name, inner in schema.get("properties", {}).items():
            for value in _extremes(inner, document):
                yield {"url": usual, "json": {**body, name: value}}


def _resolved(schema: dict[str, Any], document: Any) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _extremes(schema: dict[str, Any], document: Any) -> Iterator[Any]:
    schema = _resolved(schema, document)
    for one in schema.get("anyOf", ()):
        yield from _extremes(one, document)
    match schema.get("type"):
        case "integer":
            yield from _INTEGERS
        case "number":
            yield from _NUMBERS
        case "string":
            yield from {"date-time": _MOMENTS, "date": _DAYS}.get(schema.get("format", ""), _TEXTS)
        case "array":
            yield []
            for value in _extremes(schema.get("items", {}), document):
                yield [value]
        case "object":
            for name, inner in schema.get("properties", {}).items():
                for value in _extremes(inner, document):
                    yield {**_example(schema, document), name: value}


def _example(schema: dict[str, Any], document: Any) -> Any:
    """Something small that a schema takes."""
    schema = _resolved(schema, document)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], document)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {
                name: _example(properties[name], document) for name in schema.get("required", ())
            }
        case "array":
            return [_example(schema["items"], document)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return "x" * max(1, schema.get("minLength", 1))
