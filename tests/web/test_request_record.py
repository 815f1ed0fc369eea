"""The number of a request: in its answer, in the log, and in what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vlog.errors import Conflict
from vlog.logs import get_logger
from vlog.web.guard import Guard
from vlog.web.problems import exception_handlers
from vlog.web.request_record import RequestRecord

log = get_logger(__name__)


async def _say(request: Request) -> Response:
    log.warning("Something was done.", action="said")
    return PlainTextResponse("hello")


async def _fail(request: Request) -> Response:
    raise Conflict if request.path_params["how"] == "clash" else RuntimeError("no")


def _client(*, access: bool = False) -> httpx.AsyncClient:
    routes = [Route("/say", _say), Route("/fail/{how}", _fail)]
    app = Starlette(routes=routes, exception_handlers=exception_handlers())
    guard = Guard(RequestRecord(app, "public", access=access))
    transport = httpx.ASGITransport(guard, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest.fixture
def records() -> Iterator[list[Any]]:
    """What is logged, with what belongs to every record."""
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as found:
        yield found


async def test_an_answer_and_its_records_have_one_number(records: list[Any]) -> None:
    async with _client() as client:
        first, second = await client.get("/say"), await client.get("/say")
    numbers = [answer.headers["x-request-id"] for answer in (first, second)]
    assert [record["request_id"] for record in records] == numbers
    assert len(set(numbers)) == 2
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("5f2c7a3e9d014b68", True),
        ("01890a5d-ac96-774b-bcce-b302099a8057", True),
        ("short", False),
        ("a" * 65, False),
        ('x" action="forged', False),
        ("with space in it", False),
    ],
)
async def test_the_number_of_a_proxy_is_kept_if_it_looks_like_one(sent: str, kept: bool) -> None:
    async with _client() as client:
        answer = await client.get("/say", headers={"x-request-id": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


@pytest.mark.parametrize("how", ["clash", "crash"])
async def test_what_goes_wrong_names_the_number(how: str, records: list[Any]) -> None:
    async with _client() as client:
        answer = await client.get(f"/fail/{how}")
    number = answer.headers["x-request-id"]
    assert answer.json()["request_id"] == number
    if how == "crash":
        assert number in answer.json()["detail"]
        assert [r["request_id"] for r in records if r["action"] == "request_failed"] == [number]


@pytest.mark.parametrize("access", [False, True])
async def test_answers_are_logged_where_that_is_wished_for(
    access: bool, records: list[Any]
) -> None:
    async with _client(access=access) as client:
        await client.get("/say?key=secret")
    answered = [record for record in records if record["action"] == "request_answered"]
    assert len(answered) == (1 if access else 0)
    if access:
        record = answered[0]
        assert (record["method"], record["path"], record["status"], record["bytes"]) == (
            "GET",
            "/say",
            200,
            5,
        )
        assert record["log_level"] == "info"
        assert "secret" not in json.dumps(record)
