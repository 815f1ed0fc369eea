"""Both OpenAPI documents hold what they promise. `make torture` asks far more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.panel import Panel
from tests.web.conformance import Values, attack, operations_of

EXAMPLES = 4


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    with Panel(tmp_path_factory.mktemp("panel")) as made:
        yield made


def test_no_made_up_request_breaks_a_promise_or_the_server(panel: Panel) -> None:
    assert complaints(panel, EXAMPLES) == []


def complaints(panel: Panel, examples: int) -> list[str]:
    """What is wrong with the answers of both ports."""
    known, found = known_values(panel), []
    for url in (panel.public_url, panel.url):
        for operation in operations_of(url):
            try:
                attack(operation, url, known, examples)
            except Exception as error:
                found.append(f"{operation.label}: {error}")
    return found


def known_values(panel: Panel) -> Values:
    """Some of everything, so that not all answers are that there is no such thing."""
    return {"video_id": panel.add_videos(30, title="Film", visibility="public")}
