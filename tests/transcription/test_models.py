"""Which model is used, whether it can be, and how it comes to this machine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import DATA
from vlog.settings import TranscriptionSettings
from vlog.transcription.models import KNOWN, folder_of, is_whole, listing, why_unusable

MODEL = DATA / "whisper-test-model"
REPOSITORY = KNOWN["tiny"].repository
COMMIT = "0" * 39 + "1"


def _settings(path: Path, model: str = "tiny") -> TranscriptionSettings:
    return TranscriptionSettings(model=model, models_path=path)


def test_a_name_lies_in_the_models_folder_and_a_folder_where_it_is(tmp_path: Path) -> None:
    assert folder_of(_settings(tmp_path)) == tmp_path / "tiny"
    assert folder_of(_settings(tmp_path, "/srv/ours")) == Path("/srv/ours")
    assert why_unusable(_settings(tmp_path, str(MODEL))) is None


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path) -> None:
    assert "`vlog models fetch tiny`" in (why_unusable(_settings(tmp_path)) or "")
    assert "`vlog models list`" in (why_unusable(_settings(tmp_path, "tinny")) or "")
    assert "not there" in (why_unusable(_settings(tmp_path, str(tmp_path / "none"))) or "")


@pytest.mark.parametrize("name", ["tokenizer.json", "model.bin", "config.json", "vocabulary.json"])
def test_a_model_that_is_not_whole_is_not_used(tmp_path: Path, name: str) -> None:
    shutil.copytree(MODEL, tmp_path / "tiny")
    assert why_unusable(_settings(tmp_path)) is None
    (tmp_path / "tiny" / name).unlink()
    assert name in (why_unusable(_settings(tmp_path)) or "")


def test_the_list_marks_what_is_set_and_what_is_here(tmp_path: Path) -> None:
    shutil.copytree(MODEL, tmp_path / "base")
    found = {model.name: model for model in listing(_settings(tmp_path, "small"))}
    assert set(found) == set(KNOWN)
    assert str(found["base"]) == "  base               148 MB  here"
    assert str(found["small"]) == "* small              486 MB  -"
    ours = listing(_settings(tmp_path, str(MODEL)))[-1]
    assert (ours.name, ours.chosen, ours.here) == (str(MODEL), True, True)


class _Hub(BaseHTTPRequestHandler):
    """As much of Hugging Face's API as a download asks for; refuses what `server.broken` names."""

    protocol_version = "HTTP/1.1"
    server: HubServer

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.get("authorization")))
        name = self.path.rpartition("/")[2].partition("?")[0]
        if self.path.startswith(f"/api/models/{REPOSITORY}/tree/"):
            tree = [
                {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": "1"}
                for path in sorted(MODEL.iterdir())
            ]
            self._send(json.dumps(tree).encode(), {"content-type": "application/json"})
        elif self.path.startswith(f"/api/models/{REPOSITORY}"):
            files = [{"rfilename": path.name} for path in sorted(MODEL.iterdir())]
            answer = {"id": REPOSITORY, "sha": COMMIT, "siblings": files, "private": False}
            self._send(json.dumps(answer).encode(), {"content-type": "application/json"})
        elif "/resolve/" in self.path and name not in self.server.broken:
            self._send((MODEL / name).read_bytes(), {"x-repo-commit": COMMIT})
        else:
            self.send_error(404)

    def _send(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        etag = hashlib.sha256(body).hexdigest()
        for name, value in {**headers, "etag": f'"{etag}"'}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class HubServer(ThreadingHTTPServer):
    """Serves the test model as if it were `tiny`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hub)
        self.broken: set[str] = set()
        self.asked: list[tuple[str, str, str | None]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def hub() -> Iterator[HubServer]:
    server = HubServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def _fetch(hub: HubServer, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("HF_")},
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(folder / "hf"),
        "HF_TOKEN": "of-somebody",
        "VLOG_TRANSCRIPTION__MODELS_PATH": str(folder / "models"),
    }
    return subprocess.run(
        [sys.executable, "-m", "vlog", "models", "fetch", "tiny"],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_model_is_fetched_whole_or_not_at_all(hub: HubServer, tmp_path: Path) -> None:
    hub.broken = {"model.bin"}
    refused = _fetch(hub, tmp_path)
    assert refused.returncode == 1
    assert "could not be fetched" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "models" / "tiny").exists()

    hub.broken = set()
    hub.asked.clear()
    fetched = _fetch(hub, tmp_path)
    assert fetched.returncode == 0, (fetched.stderr, hub.asked)
    folder = tmp_path / "models" / "tiny"
    assert is_whole(folder)
    assert (folder / "model.bin").read_bytes() == (MODEL / "model.bin").read_bytes()
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["tiny"]
    assert not (folder / ".cache").exists()
    # Only what a model needs was asked for, and nobody was told who asks.
    assert not [path for _, path, _ in hub.asked if path.endswith("README.md")]
    assert {who for _, _, who in hub.asked} == {None}

    hub.asked.clear()
    assert _fetch(hub, tmp_path).returncode == 0
    assert hub.asked == []
