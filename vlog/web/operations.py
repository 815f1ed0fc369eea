"""API operations: one declaration routes, validates and documents (OpenAPI 3.1)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vlog.catalog.scopes import Scope
from vlog.errors import BadRequest, PayloadTooLarge, RequestTooSlow, UnsupportedMediaType, VLogError
from vlog.web.problems import ProblemOut, invalid_of

# Bodies that are held in memory are small; what is large comes through the uploads.
_BODY_SECONDS = 30.0

_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")

Handler = Callable[..., Awaitable[BaseModel | Response]]


@dataclass(frozen=True)
class Operation:
    """One method on one path.

    The handler gets the request, and `query` and `body` where a model for them is given. `form`
    documents a multipart body that the handler streams by itself, and `content` the media types of
    a file that it reads by itself. A body is JSON of at most `largest_body` bytes that came as one
    of the `media_types`. `otherwise` are statuses that are no problems and have a model, too. On
    the admin app `scope` is what it asks of who comes; left out it is derived from method and path.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    media_types: tuple[str, ...] = ("application/json",)
    largest_body: int = 1024 * 1024
    form: type[BaseModel] | None = None
    content: tuple[str, ...] = ()
    response: type[BaseModel] | None = None
    status: int = 200
    tags: tuple[str, ...] = ()
    errors: tuple[type[VLogError], ...] = ()
    otherwise: Mapping[int, type[BaseModel]] = field(default_factory=dict, hash=False)
    scope: Scope | None = None


@dataclass(frozen=True, eq=False)
class Security:
    """How clients prove themselves: OpenAPI's schemes, and which an operation takes."""

    schemes: dict[str, Any]
    of: Callable[[Operation], list[dict[str, list[str]]]]


def routes_for(operations: Sequence[Operation]) -> list[Route]:
    """A route for each path, which answers all its methods."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [
        Route(path, _endpoint(by_method), methods=list(by_method))
        for path, by_method in by_path.items()
    ]


def _endpoint(by_method: dict[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        # HEAD is GET without its body, unless it means something of its own.
        operation = by_method.get(request.method) or by_method["GET"]
        return await _answer(operation, request)

    return endpoint


async def _answer(operation: Operation, request: Request) -> Response:
    values: dict[str, BaseModel] = {}
    if operation.query is not None:
        values["query"] = _checked(operation.query, dict(request.query_params))
    if operation.body is not None:
        values["body"] = _checked(operation.body, await _json(operation, request))
    result = await operation.handler(request, **values)
    if isinstance(result, Response):
        return result
    return JSONResponse(result.model_dump(mode="json"), status_code=operation.status)


def _checked(model: type[BaseModel], values: Any) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid_of(error) from error


async def _json(operation: Operation, request: Request) -> Any:
    media_type = request.headers.get("content-type", "").partition(";")[0]
    if media_type.strip().lower() not in operation.media_types:
        raise UnsupportedMediaType
    content = await read_body(request, operation.largest_body)
    try:
        # Unlike the standard library's parser this one survives a hundred thousand brackets.
        return from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise BadRequest("The body is not valid JSON.") from error


async def read_body(request: Request, most: int) -> bytes:
    """The whole body.

    Raises:
        PayloadTooLarge: as soon as there are more than `most` bytes.
        RequestTooSlow: it did not come in time.
    """
    content = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                content += chunk
                if len(content) > most:
                    size = f"{most // 1024**2} MiB" if most >= 1024**2 else f"{most // 1024} KiB"
                    raise PayloadTooLarge(f"The request is larger than {size}.")
    except TimeoutError as error:
        raise RequestTooSlow from error
    return bytes(content)


def openapi_route(
    title: str, version: str, operations: Sequence[Operation], security: Security | None = None
) -> Route:
    """`/openapi.json`, which is made when it is first asked for: a start need not wait for it."""
    described = tuple(operations)

    async def openapi(request: Request) -> Response:
        document = await asyncio.to_thread(_document_made_once, title, version, described, security)
        return JSONResponse(document)

    return Route("/openapi.json", openapi)


@cache
def _document_made_once(
    title: str, version: str, operations: tuple[Operation, ...], security: Security | None
) -> dict[str, Any]:
    return openapi_document(title, version, operations, security)


def openapi_document(
    title: str, version: str, operations: Sequence[Operation], security: Security | None = None
) -> dict[str, Any]:
    """The OpenAPI 3.1 document of some operations."""
    asked: set[type[BaseModel]] = set()
    answered: set[type[BaseModel]] = {ProblemOut}
    for operation in operations:
        asked |= {model for model in (operation.body, operation.form) if model}
        answered |= {operation.response} if operation.response else set()
        answered |= set(operation.otherwise.values())
    # In an answer every key is there; in a request those with a default may be left out.
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "validation" if model in asked else "serialization")
        for model in sorted(asked | answered, key=_name)
    ]
    _, schemas = models_json_schema(
        modes, ref_template="#/components/schemas/{model}", schema_generator=_Schemas
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = _PARAMETER.sub(r"{\1}", operation.path)
        described = _described(operation)
        if security is not None:
            described["security"] = security.of(operation)
        paths.setdefault(path, {})[operation.method.lower()] = described
    components = {"schemas": schemas["$defs"]}
    if security is not None:
        components["securitySchemes"] = security.schemes
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": components,
    }


class _Schemas(GenerateJsonSchema):
    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "tags": list(operation.tags),
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.body is not None:
        described["requestBody"] = _content(operation.media_types, operation.body)
    if operation.form is not None:
        described["requestBody"] = _content(("multipart/form-data",), operation.form)
    if operation.content:
        file = {"schema": {"type": "string", "format": "binary"}}
        content = dict.fromkeys(operation.content, file)
        described["requestBody"] = {"required": True, "content": content}
    return described


def _content(media_types: tuple[str, ...], model: type[BaseModel]) -> dict[str, Any]:
    schema = {"schema": _reference(model)}
    return {"required": True, "content": dict.fromkeys(media_types, schema)}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{_name(model)}"}


def _name(model: type[BaseModel]) -> str:
    return model.__name__


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if kind == "int" else "string"},
        }
        for name, kind in _PARAMETER.findall(operation.path)
    ]
    if operation.query is not None:
        schema = operation.query.model_json_schema()
        required = schema.get("required", ())
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": value}
            for name, value in schema["properties"].items()
        ]
    return parameters


def _responses(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {str(operation.status): {"description": operation.summary}}
    if operation.response is not None:
        responses[str(operation.status)]["content"] = {
            "application/json": {"schema": _reference(operation.response)}
        }
    for status, model in operation.otherwise.items():
        content = {"application/json": {"schema": _reference(model)}}
        responses[str(status)] = {"description": _first_line(model), "content": content}
    problem = {"application/problem+json": {"schema": _reference(ProblemOut)}}
    for error in operation.errors:
        known = responses.get(str(error.status))
        title = f"{known['description']}; {error.title}" if known else error.title
        responses[str(error.status)] = {"description": title, "content": problem}
    responses["default"] = {"description": "Anything else that goes wrong", "content": problem}
    return responses
