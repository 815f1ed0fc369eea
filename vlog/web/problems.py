"""The one mapping from exceptions to answers (RFC 9457)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from vlog.errors import (
    Invalid,
    MethodNotAllowed,
    NotFound,
    Stopping,
    Unauthorized,
    Unavailable,
    VLogError,
)
from vlog.logs import get_logger
from vlog.web.request_ids import current_request_id

log = get_logger(__name__)

ErrorPage = Callable[[Request, int, str, str], Response]
ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]

INTERNAL = "Something went wrong inside VLog. It has been noted in the log; try again in a moment."
# Key of the scope under which an error lies that is in the log already: Starlette raises it again.
LOGGED = "vlog.logged_error"
# A new start takes so long, and storage that is away is looked for no more often.
RETRY_SECONDS = "5"


class ProblemOut(BaseModel):
    """What went wrong, what it means and what to do. `request_id` is in every log record of it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None


def problem(status: int, title: str, detail: str, code: str) -> Response:
    """An answer of type application/problem+json."""
    number = current_request_id()
    body = ProblemOut(title=title, status=status, detail=detail, code=code, request_id=number)
    headers = {"cache-control": "no-store"}
    if status == Unavailable.status:
        headers["retry-after"] = RETRY_SECONDS
    if status == Unauthorized.status:
        # Not Basic, for which browsers would ask by themselves. Programs send it all the same.
        headers["www-authenticate"] = 'Bearer realm="VLog admin"'
    return JSONResponse(
        body.model_dump(),
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def problem_of(error: VLogError) -> Response:
    """The answer to an error of ours. Errors of the server say nothing about its insides."""
    detail = INTERNAL if error.status == 500 else error.detail
    return problem(error.status, error.title, detail, error.code)


def exception_handlers(error_page: ErrorPage | None = None) -> dict[Any, ErrorHandler]:
    """Handlers for Starlette. Browsers get a page, programs a problem."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, VLogError)
        if error.status == 500:
            return await unexpected(request, error)
        # Who asks of a VLog that stops is only early; no one need look into that.
        if error.status > 500 and not isinstance(error, Stopping):
            log.error(error.detail, action="request_failed", path=request.url.path, exc_info=error)
        return _choose(request, error.status, error.title, error.detail, error.code)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        known = {NotFound.status: NotFound, MethodNotAllowed.status: MethodNotAllowed}
        if (kind := known.get(error.status_code)) is not None:
            answer = await ours(request, kind())
        else:
            phrase = HTTPStatus(error.status_code).phrase
            answer = _choose(request, error.status_code, phrase, str(error.detail), "http_error")
        answer.headers.update(error.headers or {})
        return answer

    async def gone(request: Request, error: Exception) -> Response:
        return Response(status_code=499)

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error(
            "A request failed in an unexpected way.",
            action="request_failed",
            path=request.url.path,
            exc_info=error,
        )
        request.scope[LOGGED] = error
        number = current_request_id()
        detail = INTERNAL if number is None else f"{INTERNAL} Its number in the log is {number}."
        return _choose(request, 500, "Internal error", detail, "internal_error")

    def _choose(request: Request, status: int, title: str, detail: str, code: str) -> Response:
        if error_page is not None and wants_page(request):
            answer = error_page(request, status, title, detail)
            if status == Unavailable.status:
                answer.headers["retry-after"] = RETRY_SECONDS
            return answer
        return problem(status, title, detail, code)

    return {
        VLogError: ours,
        HTTPException: http,
        ClientDisconnect: gone,
        Exception: unexpected,
    }


def wants_page(request: Request) -> bool:
    """Whether a person with a browser opens a page."""
    if request.method not in ("GET", "HEAD") or request.url.path.startswith(("/api/", "/assets/")):
        return False
    return "text/html" in request.headers.get("accept", "")


def invalid_of(error: ValidationError) -> Invalid:
    """What is wrong with a value that a client sent, with the name of the field.

    Only for what came in: where our own answer does not fit its model, the fault is ours.
    """
    first = error.errors(include_url=False)[0]
    name = ".".join(str(place) for place in first["loc"])
    text = first["msg"].removeprefix("Value error, ")
    return Invalid(f"`{name}`: {text}." if name else f"{text}.")
