"""Both OpenAPI documents hold what they promise. `make torture` asks far more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.cli.panel import Panel
from tests.web.conformance import Values, attack, operations_of
from tests.web.wandering import wander
from vlog.database.types import now

EXAMPLES = 4

_CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:02.000\nHello there\n"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    with Panel(tmp_path_factory.mktemp("panel")) as made:
        yield made


@pytest.fixture(scope="module")
def known(panel: Panel) -> Values:
    return known_values(panel)


def test_no_made_up_request_breaks_a_promise_or_the_server(panel: Panel, known: Values) -> None:
    assert complaints(panel, known, EXAMPLES) == []


def test_no_made_up_sequence_does_so_either(panel: Panel, known: Values) -> None:
    for url in (panel.url, panel.public_url):
        found = wander(url, known, scenarios=4, steps=20)
        assert found.complaints == []
        # Otherwise nothing would show that anything was found again.
        assert found.known > found.requests / 8
        assert len(found.succeeded) > 8


def complaints(panel: Panel, known: Values, examples: int) -> list[str]:
    """What is wrong with the answers of both ports."""
    found = []
    for url in (panel.public_url, panel.url):
        for operation in operations_of(url):
            try:
                attack(operation, url, known, examples)
            except Exception as error:
                found.append(f"{operation.label}: {error}")
    return found


def known_values(panel: Panel) -> Values:
    """Some of everything, so that not all answers are that there is no such thing."""
    ids = panel.add_videos(
        30, visibility="public", published_at=now(), playable_at=now(), duration=60.0
    )
    with httpx.Client(base_url=panel.url) as client:

        def make(path: str, **body: object) -> dict[str, Any]:
            answer = client.post(path, json=body)
            assert answer.status_code == 201, answer.text
            found: dict[str, Any] = answer.json()
            return found

        categories = [make("/api/categories", name=f"Category {n}") for n in range(5)]
        playlists = [make("/api/playlists", title=f"Playlist {n}") for n in range(5)]
        said = {"tags": ["one", "two"], "category_id": categories[0]["id"], "featured": True}
        for video_id in ids[:10]:
            client.put(f"/api/videos/{video_id}", json=said).raise_for_status()
            client.post(
                f"/api/videos/{video_id}/transcripts?language=en", content=_CAPTIONS
            ).raise_for_status()
        links = [make(f"/api/videos/{video_id}/share-links") for video_id in ids[:3]]
        tokens = [make("/api/tokens", name=f"Token {n}", scopes=["read"]) for n in range(3)]
        slugs = [client.get(f"/api/videos/{video_id}").json()["slug"] for video_id in ids[:10]]
    return {
        "video_id": ids,
        "category_id": [one["id"] for one in categories],
        "playlist_id": [one["id"] for one in playlists],
        "link_id": [one["id"] for one in links],
        "token_id": [one["id"] for one in tokens],
        "slug": [*slugs, *(one["slug"] for one in [*categories, *playlists]), "one", "two"],
        "name": ["480p", "144p"],
        "filename": ["film.mp4"],
    }
