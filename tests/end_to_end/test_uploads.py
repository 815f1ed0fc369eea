"""What comes in: odd titles, broken files, lying headers; and what is left of them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.conftest import MakeSource
from tests.end_to_end.server import Server, wait_for

BOUNDARY = "cut"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n'
    "Content-Type: video/mp4\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def _nothing_is_left(server: Server) -> None:
    assert server.videos() == []
    assert server.query("SELECT count(*) FROM videos") == [(0,)]
    assert server.files() == set()


def test_odd_titles_stay_inside_and_go_alone(
    server: Server, make_source: MakeSource, tmp_path: Path
) -> None:
    clip = make_source("short.mp4", seconds=1, size="160x90")
    titles = ["🎬🎬", "../../etc", "", "Twice", "Twice", "x" * 255]
    slugs = ["video", "etc", "short", "twice", "twice-2", "x" * 80]
    outside = sorted(path.name for path in server.folder.iterdir())
    found = []
    for title in titles:
        answer = server.upload(clip, title=title)
        assert answer.status_code == 201, answer.text
        found.append(answer.json())
    assert [video["slug"] for video in found] == slugs
    assert found[0]["title"] == "🎬🎬"
    assert found[5]["title"] == "x" * 255
    for video in found:
        server.wait_until(video["id"], "ready")
    folders = {path.name for path in (server.data / "videos").iterdir()}
    assert folders == set(slugs)
    assert sorted(path.name for path in server.folder.iterdir()) == outside
    assert server.admin.delete(f"/api/videos/{found[0]['id']}?permanently=true").status_code == 204
    assert {path.name for path in (server.data / "videos").iterdir()} == folders - {"video"}
    assert server.query("SELECT count(*) FROM videos WHERE id = ?", found[0]["id"]) == [(0,)]
    assert server.query("SELECT count(*) FROM segments") != [(0,)]
    again = server.upload(clip, title="🎬🎬").json()
    assert again["slug"] == "video-2"
    assert again["id"] > max(video["id"] for video in found)


def test_a_title_that_is_too_long_is_refused(server: Server, make_source: MakeSource) -> None:
    answer = server.upload(make_source("short.mp4", seconds=1, size="160x90"), title="x" * 256)
    assert answer.status_code == 422
    assert "255" in answer.json()["detail"]
    _nothing_is_left(server)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"This is a letter, not a film.\n" * 50, "not a video"),
    ],
)
def test_what_is_no_video_is_refused_and_leaves_nothing(
    server: Server, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    answer = server.upload(path, title="Film")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"].lower()
    assert str(server.data) not in answer.text
    _nothing_is_left(server)


def test_a_playlist_in_disguise_opens_nothing(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(b"G" * 188 * 10)
    accessed = secret.stat().st_atime_ns
    path = tmp_path / "film.mp4"
    path.write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile://{secret}\n#EXT-X-ENDLIST\n"
    )
    answer = server.upload(path, title="Film")
    assert answer.status_code == 422
    assert secret.stat().st_atime_ns == accessed
    _nothing_is_left(server)


@pytest.mark.parametrize("index", ["front", "end"])
def test_a_truncated_film_is_refused(
    server: Server, footage: Path, tmp_path: Path, make_source: MakeSource, index: str
) -> None:
    flags = ("-movflags", "+faststart") if index == "front" else ()
    whole = make_source(
        f"{index}.mp4", seconds=6, video=("-c:v", "libx264", "-preset", "ultrafast", *flags)
    )
    path = tmp_path / "film.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    answer = server.upload(path, title="Film")
    assert answer.status_code == 422, answer.text
    assert "cut off" in answer.json()["detail"]
    _nothing_is_left(server)


def _raw(server: Server, length: int | None, body: bytes) -> bytes:
    """Send a request by hand, close the sending side, and read what comes back."""
    with socket.create_connection(("127.0.0.1", server.admin_port), timeout=20) as connection:
        head = (
            f"POST /api/videos HTTP/1.1\r\nHost: 127.0.0.1:{server.admin_port}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
            f"Content-Length: {length if length is not None else len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
        return answer


def test_a_body_cut_in_the_middle_leaves_nothing(server: Server, footage: Path) -> None:
    body = HEAD + footage.read_bytes()[:1_000_000]
    _raw(server, len(body) + 1_811_553 + len(TAIL), body)
    wait_for("the cut upload to be cleared away", lambda: not server.files(), 10)
    _nothing_is_left(server)


def test_a_body_without_its_end_is_refused(server: Server, footage: Path) -> None:
    answer = _raw(server, None, HEAD + footage.read_bytes())
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    _nothing_is_left(server)


def test_a_content_length_that_is_too_small_is_refused(server: Server, footage: Path) -> None:
    answer = _raw(server, 500_000, HEAD + footage.read_bytes() + TAIL)
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    wait_for("the cut upload to be cleared away", lambda: not server.files(), 10)
    _nothing_is_left(server)


def test_a_write_from_another_site_is_refused(server: Server, footage: Path) -> None:
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://evil.example"},
        {"host": "rebound.example"},
    ):
        with footage.open("rb") as file:
            answer = server.admin.post("/api/videos", files={"file": file}, headers=headers)
        assert answer.status_code in (403, 421), answer.text
    _nothing_is_left(server)


def test_unpublished_videos_do_not_exist_for_the_public(
    server: Server, make_source: MakeSource
) -> None:
    clip = make_source("short.mp4", seconds=1, size="160x90")
    video = server.upload(clip, title="Secret", publish="false").json()
    server.wait_until(video["id"], "ready")
    paths = [
        "/api/videos/secret",
        "/api/videos/secret/progress",
        "/watch/secret",
        "/videos/secret/master.m3u8",
        "/videos/secret/thumbnail.jpg",
    ]
    for path in paths:
        assert server.public.get(path).status_code == 404, path
    assert server.public.get("/api/videos").json()["total"] == 0
    assert server.admin.get("/videos/secret/master.m3u8").status_code == 200
    changed = server.admin.put(f"/api/videos/{video['id']}", json={"published": True})
    assert changed.status_code == 200, changed.text
    for path in paths:
        assert server.public.get(path).status_code == 200, path
