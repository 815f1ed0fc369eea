"""The command line's side of an upload, against a server that notes what it got."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from tests.end_to_end.server import free_port
from vlog.client.admin_client import AdminClient, ServerRefused, refusal
from vlog.client.tus_client import Cut, TusClient
from vlog.client.upload_memory import UploadMemory
from vlog.errors import ConfigurationError, NoAnswer, VLogError
from vlog.ingest import tus


class _Handler(BaseHTTPRequestHandler):
    """Answers as `answers` says and keeps what came."""

    protocol_version = "HTTP/1.1"
    server: NotingServer

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        status, body, *more = self.server.answers[f"{self.command} {self.path}"]
        content = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.path, headers, content))
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (more[0] if more else {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(data)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()


class NotingServer(ThreadingHTTPServer):
    """Answers by method and path, and what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[Any, ...]] = {}
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


def _memory(folder: Path) -> UploadMemory:
    return UploadMemory(folder / "state" / "uploads.json")


def _answer_upload(server: NotingServer, length: int) -> None:
    server.answers["POST /api/uploads"] = (201, {}, {"location": "/api/uploads/u"})
    server.answers["PUT /api/uploads/u"] = (200, {})
    done = {"upload-offset": str(length), "vlog-video-id": "1"}
    server.answers["PATCH /api/uploads/u"] = (204, b"", done)
    server.answers["GET /api/videos/1"] = (200, {"id": 1})


@pytest.mark.parametrize("name", ["film.mp4", "ü 🎬.mp4", 'say "hi".mp4', "a;b=c.mp4", "a\\b.mp4"])
def test_a_file_arrives_with_its_name_and_details(
    server: NotingServer, tmp_path: Path, name: str
) -> None:
    content = bytes(range(256)) * 10_000
    path = tmp_path / name
    path.write_bytes(content)
    _answer_upload(server, len(content))
    told: list[int] = []
    with AdminClient(server.url, None) as client:
        video = client.upload(path, {"title": "Ä\r\n"}, told.append, _memory(tmp_path))
    assert video == {"id": 1}
    (_, begun, _), (_, _, details), (_, sent, body), _ = server.requests
    assert tus.metadata_of(begun["upload-metadata"]) == {"filename": name}
    assert begun["upload-length"] == sent["content-length"] == str(len(content))
    assert json.loads(details) == {"title": "Ä\r\n"}
    assert body == content
    assert "transfer-encoding" not in sent
    assert "authorization" not in sent
    assert told == sorted(told)
    assert told[-1] == len(content)


def test_what_was_begun_is_remembered_until_it_is_done(
    server: NotingServer, tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x" * 100)
    _answer_upload(server, 100)
    server.answers["PATCH /api/uploads/u"] = (507, {"detail": "The disk is full."})
    with AdminClient(server.url, None) as client:
        with pytest.raises(ServerRefused, match="disk is full"):
            client.upload(path, {}, lambda _: None, _memory(tmp_path))
        _answer_upload(server, 100)
        server.answers["HEAD /api/uploads/u"] = (200, b"", {"upload-offset": "60"})
        server.requests.clear()
        client.upload(path, {}, lambda _: None, _memory(tmp_path))
        assert [body for _, _, body in server.requests] == [b"", b"x" * 40, b""]
        assert server.requests[1][1]["upload-offset"] == "60"
        # Another size is another file, and what is done is not remembered.
        path.write_bytes(b"x" * 100)
        server.requests.clear()
        client.upload(path, {}, lambda _: None, _memory(tmp_path))
    assert server.requests[0][0] == "/api/uploads"


def test_a_file_that_has_come_is_not_sent_again_because_the_last_question_failed(
    server: NotingServer, tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x" * 100)
    _answer_upload(server, 100)
    server.answers["GET /api/videos/1"] = (503, {"detail": "VLog is stopping."})
    with httpx.Client(base_url=server.url) as http:
        sender = TusClient(http, _memory(tmp_path), _never, pauses=())
        with pytest.raises(Cut):
            sender.send(path, {}, lambda _: None)
        _answer_upload(server, 100)
        done = {"upload-offset": "100", "vlog-video-id": "1"}
        server.answers["HEAD /api/uploads/u"] = (200, b"", done)
        server.requests.clear()
        assert sender.send(path, {}, lambda _: None) == {"id": 1}
    assert [place for place, _, _ in server.requests] == ["/api/uploads/u", "/api/videos/1"]


def _never(answer: httpx.Response) -> VLogError:
    raise AssertionError(answer)


def test_a_memory_that_cannot_be_read_is_no_trouble(tmp_path: Path) -> None:
    memory = _memory(tmp_path)
    memory.remember("key", "/api/uploads/u")
    assert memory.url("key") == "/api/uploads/u"
    for damage in (b"{", b"[1]", b"\xff", b'{"key": 1}'):
        (tmp_path / "state" / "uploads.json").write_bytes(damage)
        assert memory.url("key") is None
    memory.remember("key", "/again")
    assert memory.url("key") == "/again"


def test_commands_at_once_forget_nothing_of_each_other(tmp_path: Path) -> None:
    def begin(number: int) -> None:
        for place in range(20):
            _memory(tmp_path).remember(f"{number}-{place}", "/api/uploads/u")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(begin, range(4)))
    known = json.loads((tmp_path / "state" / "uploads.json").read_text())
    assert len(known) == 80


def test_an_empty_file_is_refused_and_the_password_is_sent(
    server: NotingServer, tmp_path: Path
) -> None:
    (tmp_path / "empty.mp4").write_bytes(b"")
    server.answers["POST /api/uploads"] = (422, {"detail": "This file is empty."})
    with (
        AdminClient(server.url, httpx.BasicAuth("admin", "sesame")) as client,
        pytest.raises(ServerRefused, match=r"^This file is empty\.$"),
    ):
        client.upload(tmp_path / "empty.mp4", {}, lambda _: None, _memory(tmp_path))
    assert server.requests[0][1]["authorization"] == "Basic YWRtaW46c2VzYW1l"


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"[]", b'{"detail"'])
def test_an_answer_that_is_no_problem_is_named_by_its_number(
    server: NotingServer, body: bytes
) -> None:
    server.answers["POST /api/videos/1/retry"] = (502, body)
    with AdminClient(server.url, None) as client, pytest.raises(ServerRefused, match="502"):
        client.retry(1)


def test_what_does_not_pass_is_said_in_the_words_of_the_server(
    server: NotingServer, tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x")
    sentence = "ffprobe is missing. Install ffmpeg, then try again."
    server.answers["POST /api/uploads"] = (503, {"detail": sentence})
    with httpx.Client(base_url=server.url) as http:
        sender = TusClient(http, _memory(tmp_path), refusal, pauses=(0.0,))
        with pytest.raises(Cut, match=f"cut off: {sentence} What arrived is kept"):
            sender.send(path, {}, lambda _: None)
    assert len(server.requests) == 2


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "film.mp4").write_bytes(b"x")
    with (
        AdminClient(url, None) as client,
        pytest.raises(NoAnswer, match=f"does not answer at {url}. Is `vlog serve` running"),
    ):
        client.upload(tmp_path / "film.mp4", {}, lambda _: None, _memory(tmp_path))


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


def test_https_on_the_own_machine_is_trusted_by_its_certificate_alone(tmp_path: Path) -> None:
    authority = trustme.CA()
    paths = []
    for name in ("mine", "other"):
        paths.append(tmp_path / f"{name}.pem")
        authority.issue_cert("video.example.org").private_key_and_cert_chain_pem.write_to_path(
            paths[-1]
        )
    mine, other = paths
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mine)
    server = NotingServer()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.answers["GET /api/videos/1"] = (200, {"id": 1})
    url = server.url.replace("http:", "https:")
    thread = threading.Thread(target=server.serve_forever, name="https")
    thread.start()
    try:
        with AdminClient(url, None, certificate=mine) as client:
            assert client.video(1) == {"id": 1}
        for certificate in (other, None):
            with (
                AdminClient(url, None, certificate=certificate) as client,
                pytest.raises(NoAnswer),
            ):
                client.video(1)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    (tmp_path / "empty.pem").touch()
    for name in ("none.pem", "empty.pem"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            AdminClient(url, None, certificate=tmp_path / name)
