"""Servers, browsers and sources for whole journeys."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import DATA
from tests.end_to_end.browser import chromium, watched_page
from tests.end_to_end.server import ForkedServer, Server, wait_for

StartServer = Callable[..., Server]


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Start servers; at the end they are stopped and their databases looked at."""
    started: list[Server] = []

    def start(name: str = "one", kind: type[Server] = ForkedServer, **settings: str) -> Server:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        server = kind(folder, **settings)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.close()
        server.check_database()
        assert server.children() == []


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with the usual settings for a whole file; looked at when the file is through."""
    server = ForkedServer(tmp_path_factory.mktemp("shared"))
    try:
        yield server.start()
    finally:
        server.close()
    server.check_database()
    assert server.children() == []


@pytest.fixture
def server(running_server: Server) -> Iterator[Server]:
    """That server without any video, before and after the test."""
    yield running_server
    for video in running_server.videos():
        running_server.admin.delete(
            f"/api/videos/{video['id']}?permanently=true"
        ).raise_for_status()
    wait_for("the storage to be empty", lambda: not running_server.files(), 10)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium, one for as long as whole journeys follow each other."""
    with chromium() as made:
        yield made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh visitor."""
    with watched_page(browser) as made:
        yield made


@pytest.fixture(scope="session")
def footage() -> Path:
    """Real footage that is copied: H.264, 30 s, a keyframe every 4.8 s, with sound."""
    return DATA / "car-detection.mp4"


@pytest.fixture(scope="session")
def foreign_footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same footage in a codec that browsers do not play, so that every rung is encoded."""
    target = tmp_path_factory.mktemp("footage") / "foreign.mkv"
    command = [
        *("ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(DATA / "car-detection.mp4")),
        *(
            "-c:v",
            "mpeg4",
            "-q:v",
            "1",
            "-qmin",
            "1",
            "-g",
            "40",
            "-c:a",
            "libmp3lame",
            str(target),
        ),
    ]
    subprocess.run(command, check=True, timeout=60)
    return target
