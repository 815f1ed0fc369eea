"""The command line's side of an upload, against a server that notes what it got."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.server import free_port
from vlog.admin_client import AdminClient, ServerRefused
from vlog.ingest.multipart import Form, boundary_of, read_form


class _Handler(BaseHTTPRequestHandler):
    """Answers as `answers` says and keeps what came."""

    protocol_version = "HTTP/1.1"
    server: NotingServer

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        status, body = self.server.answers[f"{self.command} {self.path}"]
        content = b""
        if status != 413:
            content = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.path, headers, content))
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()


class NotingServer(ThreadingHTTPServer):
    """Answers by method and path, and what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, Any]] = {}
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server() -> Iterator[NotingServer]:
    made = NotingServer()
    thread = threading.Thread(target=made.serve_forever, name="noting server")
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


async def _form(headers: dict[str, str], body: bytes) -> tuple[Form, bytes]:
    kept = bytearray()

    async def sink(data: bytes) -> None:
        kept.extend(data)

    async def chunks() -> Any:
        yield body

    form = await read_form(chunks(), boundary_of(headers["content-type"]), sink)
    return form, bytes(kept)


@pytest.mark.parametrize("name", ["film.mp4", "ü 🎬.mp4", 'say "hi".mp4', "a;b=c.mp4", "a\\b.mp4"])
async def test_a_file_arrives_with_its_name_and_fields(
    server: NotingServer, tmp_path: Path, name: str
) -> None:
    content = bytes(range(256)) * 10_000
    path = tmp_path / name
    path.write_bytes(content)
    server.answers["POST /api/videos"] = (201, {"id": 1})
    told: list[int] = []
    with AdminClient(server.url, None) as client:
        video = client.upload(path, {"title": "Ä\r\n--x", "publish": "true"}, told.append)
    assert video == {"id": 1}
    [(_, headers, body)] = server.requests
    form, kept = await _form(headers, body)
    assert kept == content
    assert form.fields == {"title": "Ä\r\n--x", "publish": "true"}
    assert form.filename == name.replace('"', "%22")
    assert headers["content-length"] == str(len(body))
    assert "transfer-encoding" not in headers
    assert "authorization" not in headers
    assert (sum(told), max(told)) == (len(content), 1024 * 1024)


def test_an_empty_file_is_sent_and_the_password_with_it(
    server: NotingServer, tmp_path: Path
) -> None:
    (tmp_path / "empty.mp4").write_bytes(b"")
    server.answers["POST /api/videos"] = (422, {"detail": "This file is empty."})
    with (
        AdminClient(server.url, "sesame") as client,
        pytest.raises(ServerRefused, match=r"^This file is empty\.$"),
    ):
        client.upload(tmp_path / "empty.mp4", {}, lambda _: None)
    assert server.requests[0][1]["authorization"] == "Basic YWRtaW46c2VzYW1l"


def test_an_answer_before_the_end_of_a_large_file_is_heard(
    server: NotingServer, tmp_path: Path
) -> None:
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    server.answers["POST /api/videos"] = (413, {"detail": "This file is too large."})
    with AdminClient(server.url, None) as client, pytest.raises(ServerRefused) as refusal:
        client.upload(path, {}, lambda _: None)
    # Where the connection is cut first, its own sentence must do.
    assert refusal.value.detail.startswith(("This file is too large.", "The connection to"))


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"[]", b'{"detail"'])
def test_an_answer_that_is_no_problem_is_named_by_its_number(
    server: NotingServer, body: bytes
) -> None:
    server.answers["POST /api/videos/1/retry"] = (502, body)
    with AdminClient(server.url, None) as client, pytest.raises(ServerRefused, match="502"):
        client.retry(1)


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "film.mp4").write_bytes(b"x")
    with (
        AdminClient(url, None) as client,
        pytest.raises(ServerRefused, match=f"does not answer at {url}. Is `vlog serve` running"),
    ):
        client.upload(tmp_path / "film.mp4", {}, lambda _: None)


def test_every_page_of_videos_is_asked_for(server: NotingServer) -> None:
    first, second = [{"id": 3}, {"id": 2}], [{"id": 1}]
    server.answers["GET /api/videos?limit=100"] = (200, {"videos": first, "next_cursor": "c"})
    server.answers["GET /api/videos?limit=100&cursor=c"] = (
        200,
        {"videos": second, "next_cursor": None},
    )
    with AdminClient(server.url, None) as client:
        assert list(client.videos()) == [*first, *second]


def test_a_category_by_name_or_slug(server: NotingServer) -> None:
    found = {"categories": [{"id": 7, "name": "Längst", "slug": "laengst"}]}
    server.answers["GET /api/categories"] = (200, found)
    with AdminClient(server.url, None) as client:
        assert client.category_id("LÄNGST") == client.category_id("laengst") == 7
        with pytest.raises(ServerRefused, match="no category “other”"):
            client.category_id("other")
