"""Exceptions as clients see them: problems for programs, pages for people."""

from __future__ import annotations

import httpx
import pytest
import structlog
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vlog.errors import (
    ConfigurationError,
    Conflict,
    InsufficientStorage,
    Stopping,
    Unauthorized,
    Unavailable,
    VLogError,
)
from vlog.web.guard import Guard
from vlog.web.problems import exception_handlers, invalid_of
from vlog.web.security import SecurityHeaders


class _Answer(BaseModel):
    name: str


RAISED: dict[str, Exception] = {
    "conflict": Conflict("There is a category with that name already."),
    "full": InsufficientStorage(),
    "away": Unavailable("The storage folder is not there."),
    "stopping": Stopping(),
    "unauthorized": Unauthorized(),
    "configuration": ConfigurationError("/etc/vlog/secret is not readable."),
    "teapot": HTTPException(418, "Short and stout.", headers={"x-pot": "tea"}),
    "bug": RuntimeError("/srv/secret"),
}


async def _raise(request: Request) -> Response:
    raise RAISED[request.path_params["name"]]


async def _wrong_answer(request: Request) -> Response:
    return Response(_Answer.model_validate({"name": ["/srv/secret"]}).name)


def _page(request: Request, status: int, title: str, detail: str) -> Response:
    return HTMLResponse(f"<h1>{title}</h1><p>{detail}</p>", status_code=status)


def _client() -> httpx.AsyncClient:
    routes = [
        Route("/page/{name}", _raise),
        Route("/api/{name}", _raise),
        Route("/wrong-answer", _wrong_answer),
    ]
    app = Starlette(routes=routes, exception_handlers=exception_handlers(_page))
    # Around the app: Starlette answers what nobody expected outside of an app's own middleware.
    transport = httpx.ASGITransport(Guard(SecurityHeaders(app)))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest.mark.parametrize("place", ["api", "page"])
@pytest.mark.parametrize(("name", "logged"), [("away", 1), ("stopping", 0)])
async def test_what_passes_says_when_to_come_again(place: str, name: str, logged: int) -> None:
    with structlog.testing.capture_logs() as records:
        async with _client() as client:
            answer = await client.get(f"/{place}/{name}", headers={"accept": "text/html"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    # That VLog stops is nobody's fault.
    assert len(records) == logged


@pytest.mark.parametrize(
    ("name", "status", "code", "detail"),
    [
        ("conflict", 409, "conflict", "There is a category with that name already."),
        ("full", 507, "insufficient_storage", InsufficientStorage().detail),
        ("unauthorized", 401, "unauthorized", Unauthorized().detail),
        ("teapot", 418, "http_error", "Short and stout."),
    ],
)
async def test_what_is_raised_on_purpose_says_so(
    name: str, status: int, code: str, detail: str
) -> None:
    async with _client() as client:
        answer = await client.get(f"/api/{name}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["status"], body["code"], body["detail"]) == (status, code, detail)
    assert body["type"] == "about:blank"


@pytest.mark.parametrize("path", ["/api/bug", "/api/configuration", "/wrong-answer"])
async def test_our_own_faults_leak_nothing_and_can_be_found_in_the_log(
    path: str,
) -> None:
    async with _client() as client:
        answer = await client.get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["code"] == "internal_error"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in answer.headers


async def test_a_header_that_belongs_to_an_error_is_kept() -> None:
    async with _client() as client:
        assert (await client.get("/api/teapot")).headers["x-pot"] == "tea"
        allowed = (await client.delete("/api/conflict")).headers["allow"]
        assert set(allowed.split(", ")) == {"GET", "HEAD"}
        assert "www-authenticate" in (await client.get("/api/unauthorized")).headers


@pytest.mark.parametrize(
    ("path", "accept", "page"),
    [
        ("/page/conflict", "text/html,*/*;q=0.8", True),
        ("/page/bug", "text/html,*/*;q=0.8", True),
        ("/nowhere", "text/html", True),
        ("/page/conflict", "*/*", False),
        ("/page/conflict", "application/json", False),
        ("/api/conflict", "text/html", False),
        ("/assets/nowhere.js", "text/html", False),
    ],
)
async def test_people_get_a_page_and_programs_a_problem(path: str, accept: str, page: bool) -> None:
    async with _client() as client:
        answer = await client.get(path, headers={"accept": accept})
    assert answer.headers["content-type"].startswith(
        "text/html" if page else "application/problem+json"
    )


def test_a_wrong_value_is_named_in_plain_words() -> None:
    with pytest.raises(ValidationError) as caught:
        _Answer.model_validate({"name": 3})
    error = invalid_of(caught.value)
    assert isinstance(error, VLogError)
    assert error.status == 422
    assert error.detail == "`name`: Input should be a valid string."
