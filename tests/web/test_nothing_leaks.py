"""What a visitor is told of our insides, whatever is asked and whatever is broken: nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
import starlette
from starlette.routing import BaseRoute, Route

from tests.web.asgi import services
from tests.web.sites import innermost
from vlog import __version__
from vlog.database.engine import Database
from vlog.web.public import public_app
from vlog.web.services import Services

_ACCEPTS = ("text/html", "application/json")
_BAD = ("film", "..%2f..%2fetc", "%00%ff", "9" * 400)
_BODIES = (b"", b"{", b'{"video_id": []}', b"[" * 9000, b"\xff", b'"' + b"x" * 20_000 + b'"')
_WORDS = (
    "Traceback",
    "site-packages",
    ".py",
    "sqlite",
    "SELECT ",
    "starlette",
    "hypercorn",
    "/usr/",
)


@pytest.fixture
async def made(database: Database, tmp_path: Path) -> Services:
    return services(tmp_path / "storage", database)


def _whole(made: Services) -> Services:
    return made


def _storage_away(made: Services) -> Services:
    shutil.rmtree(made.storage.root)
    return made


def _database_broken(made: Services) -> Services:
    def fail(*_: object, **more: object) -> object:
        raise RuntimeError(f"Traceback in {made.storage.root}/x.py: SELECT secret")

    return replace(made, database=cast("Database", SimpleNamespace(read=fail, write=fail)))


@pytest.mark.parametrize("damage", [_whole, _storage_away, _database_broken])
async def test_no_answer_to_a_visitor_tells_of_our_insides(
    made: Services, tmp_path: Path, damage: Callable[[Services], Services]
) -> None:
    app = public_app(damage(made))
    routes = innermost(app).routes
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    statuses: set[int] = set()
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for method, path, more in _requests(list(routes)):
            answer = await client.request(method, path, **more)
            statuses.add(answer.status_code)
            told = f"{answer.headers} {answer.text}"
            for word in (str(tmp_path), starlette.__version__, *_WORDS):
                assert word not in told, (method, path, word)
            if path != "/openapi.json":
                assert __version__ not in told, (method, path)
    assert {404, 405, 422} & statuses
    assert (500 in statuses) == (damage is _database_broken)


def _requests(routes: list[BaseRoute]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for route in routes:
        assert isinstance(route, Route)
        for bad in _BAD:
            path = re.sub(r"{\w+:int}", "7", route.path)
            path = re.sub(r"{\w+(:path)?}", bad, path)
            for accept in _ACCEPTS:
                headers = {"accept": accept, "range": "bytes=9-1,x", "if-modified-since": bad}
                params = {"cursor": bad, "q": '"' + bad, "limit": bad, "t": bad, "url": "http://["}
                yield "GET", path, {"headers": headers, "params": params}
                yield "GET", path, {"headers": {"accept": accept}}
            if "{" not in route.path:
                break
        if "POST" in (route.methods or ()):
            for body in _BODIES:
                headers = {"content-type": "application/json"}
                yield "POST", route.path, {"headers": headers, "content": body}
        yield "DELETE", re.sub(r"{[^}]+}", "film", route.path), {}
