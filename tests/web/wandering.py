"""Made-up sequences of requests: what one answer names is what later requests are about.

So something is made, read, changed, put into something else, removed and asked for again, in any
order, as no single request does it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup

from tests.web.conformance import Operation, Values, check, operations_of

# A folder of a path and the parameter that stands behind it: `/videos/{video_id}`.
_MEMBER = re.compile(r"/([a-z-]+)/{(\w+)}")
# What is asked for is mostly what came last, for that is what something has just been done to.
_MOST_KEPT = 8


@dataclass
class Wandering:
    """What was seen: requests, how many of them were about something known, and what was wrong."""

    requests: int = 0
    known: int = 0
    succeeded: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


class Memory:
    """What can be named, by the names of parameters; what answers name is added."""

    def __init__(self, operations: list[Operation], known: Values) -> None:
        self._kept = {name: list(values) for name, values in known.items()}
        self._parameters = {
            folder: name
            for operation in operations
            for folder, name in _MEMBER.findall(operation.path)
        }

    def learn(self, path: str, found: Any) -> None:
        """Take in an answer to a request for a path."""
        folder = next((part for part in reversed(path.split("/")) if part in self._parameters), "")
        for key, value in _named(found):
            # An id is that of the folder that was asked; any other one says whose it is.
            name = self._parameters.get(folder, "") if key == "id" else key
            if name in self._parameters.values():
                self._kept[name] = [*self._kept.get(name, []), value][-_MOST_KEPT:]

    def choose(self, name: str, number: int) -> Any:
        """One of those that are known, None where none is. `number` is any."""
        kept = self._kept.get(name)
        return kept[number % len(kept)] if kept else None


def _named(found: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(found, list):
        for one in found:
            yield from _named(one)
    elif isinstance(found, dict):
        for key, value in found.items():
            if isinstance(value, int | str) and (
                key in ("id", "slug", "name") or key[-3:] == "_id"
            ):
                yield key, value
            else:
                yield from _named(value)


def wander(url: str, known: Values, scenarios: int, steps: int) -> Wandering:
    """Ask so many sequences of so many requests. `known` is what is there already.

    Each time other things are made, so nothing is repeated or made smaller: a complaint says all
    that was asked before.
    """
    operations = list(operations_of(url))
    cases = st.one_of([one.as_strategy(GenerationMode.POSITIVE) for one in operations])
    found = Wandering()

    @settings(
        max_examples=scenarios,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.tuples(cases, _NUMBERS), min_size=steps, max_size=steps))
    def go(asked: list[tuple[Case[Any], list[int]]]) -> None:
        memory, trail = Memory(operations, known), list[str]()
        with requests.Session() as session:
            for case, numbers in asked:
                _ask(case, numbers, url, session, memory, found, trail)

    go()
    return found


_NUMBERS = st.lists(st.integers(0, 999), min_size=4, max_size=4)


def _ask(
    case: Case[Any],
    numbers: list[int],
    url: str,
    session: requests.Session,
    memory: Memory,
    found: Wandering,
    trail: list[str],
) -> None:
    found.requests += 1
    found.known += _recall(case, numbers, memory)
    answer = case.call(base_url=url, session=session, timeout=30)
    trail.append(f"{case.method} {case.formatted_path} {answer.status_code}")
    if answer.status_code < 300:
        found.succeeded.add(case.operation.label)
    try:
        check(case, answer)
    except (AssertionError, FailureGroup) as error:
        found.complaints.append(f"{' > '.join(trail)}: {error}")
    if answer.headers.get("content-type", [""])[0] == "application/json":
        memory.learn(case.operation.path, answer.json())


def _recall(case: Case[Any], numbers: list[int], memory: Memory) -> bool:
    """Put what is known in the place of what was made up; whether all of it was known."""
    chosen = [
        memory.choose(name, n) for name, n in zip(case.path_parameters, numbers, strict=False)
    ]
    for name, value in zip([*case.path_parameters], chosen, strict=False):
        if value is not None:
            case.path_parameters[name] = value
    if isinstance(case.body, dict):
        for name in case.body:
            one = memory.choose(name.removesuffix("s"), numbers[-1])
            if one is not None and name.startswith(("video_id", "category_id")):
                case.body[name] = [one] if name.endswith("s") else one
    return bool(chosen) and None not in chosen
