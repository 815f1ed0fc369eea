"""Made-up requests to every operation of an OpenAPI document, and what is true of all answers.

Nothing is answered with a fault of the server's own, and every answer has the status, the media
type and the body that the document promises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode, SerializationContext
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from vlog.ingest.tus import PART_TYPE

# A stream that goes on until somebody ends it.
_ENDLESS = "/api/events"
_CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]

Operation = APIOperation[Any, Any, Any, Any]
# What a parameter of a path may be, beside what is made up.
Values = Mapping[str, Sequence[Any]]


@schemathesis.serializer(PART_TYPE)
def _as_it_is(context: SerializationContext, value: Any) -> Any:
    return value


def operations_of(url: str) -> Iterator[Operation]:
    """The operations of a running app."""
    for found in schema_of(url).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path != _ENDLESS:
            yield operation


def schema_of(url: str) -> OpenApiSchema:
    document = requests.get(f"{url}/openapi.json", timeout=10).json()
    # Nobody has set a password, and with made-up ones every second request would come no further.
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return schemathesis.openapi.from_dict(document)


def attack(operation: Operation, url: str, known: Values, examples: int) -> None:
    """Ask one operation so many times, with what it takes and with what it does not take.

    The same requests are made each time. Raises what is wrong with an answer.
    """
    modes = [GenerationMode.POSITIVE]
    if _can_be_asked_wrongly(operation):
        modes.append(GenerationMode.NEGATIVE)
    for mode in modes:
        _attack(operation, mode, url, known, max(1, examples // len(modes)))


def _can_be_asked_wrongly(operation: Operation) -> bool:
    """Any text can stand in a path, and any bytes be a file."""
    raw = operation.definition.raw
    content = raw.get("requestBody", {}).get("content", {})
    kinds = {parameter["schema"].get("type") for parameter in raw["parameters"]}
    return "application/json" in content or bool(kinds - {"string"})


def _attack(
    operation: Operation, mode: GenerationMode, url: str, known: Values, examples: int
) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode), data=st.data())
    def ask(case: Case[Any], data: st.DataObject) -> None:
        for name in case.path_parameters:
            if name in known and data.draw(st.integers(0, 3)):
                chosen: Any = data.draw(st.sampled_from(known[name]))
                case.path_parameters[name] = chosen
        with requests.Session() as session:
            answer = case.call(base_url=url, session=session, timeout=30)
        check(case, answer)

    ask()


def check(case: Case[Any], answer: Response) -> None:
    """Raises AssertionError or FailureGroup where an answer is not as the document says."""
    documented = case.operation.definition.raw["responses"]
    status = answer.status_code
    assert status < 500 or str(status) in documented, answer.text
    case.validate_response(answer, checks=_CHECKS)
