"""The documented proxies in front of a real server: HTTPS, who asks, and segments they send."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from tests.conftest import MakeSource
from tests.end_to_end.proxies import NAME, Certificates, caddy, nginx
from tests.end_to_end.server import ForkedServer, Server, free_port

Proxy = Callable[[Path, int, int, Path, Certificates], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, make_source: MakeSource
) -> Iterator[tuple[Server, int, int]]:
    """A server with a public and a private video that are ready."""
    folder = tmp_path_factory.mktemp("behind")
    server = ForkedServer(
        folder,
        VLOG_PUBLIC__BASE_URL=f"https://{NAME}",
        VLOG_DELIVERY__SEND_FILE="x-accel-redirect",
        VLOG_TRANSCODING__LADDER='["144p"]',
    ).start()
    try:
        clip = make_source("proxied.mp4")
        everybody = server.upload(clip, title="Everybody").json()["id"]
        nobody = server.upload(clip, title="Nobody", visibility="private").json()["id"]
        server.wait_until(everybody, "ready")
        server.wait_until(nobody, "ready")
        yield server, everybody, nobody
    finally:
        server.close()


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_a_proxy_as_documented(
    proxy: Proxy, served: tuple[Server, int, int], tmp_path: Path
) -> None:
    server, everybody, nobody = served
    # The server's own user is root in some places and its folders are closed there.
    tmp_path.chmod(0o755)
    files = Certificates(tmp_path)
    files.issue(NAME)
    port = free_port()
    videos = server.data / "videos"
    context = ssl.create_default_context(cafile=str(files.trust))
    with (
        proxy(tmp_path, port, server.public_port, videos, files),
        httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context, timeout=20) as client,
    ):

        def get(path: str, **headers: str) -> httpx.Response:
            given = {"host": NAME, **headers}
            return client.get(path, headers=given, extensions={"sni_hostname": NAME})

        page = get("/")
        assert page.status_code == 200, page.text
        assert page.headers["content-security-policy"]
        slug = server.video(everybody)["slug"]
        segment = server.data / "videos" / slug / "144p_0000.ts"
        path = f"/videos/{slug}/144p_0000.ts"
        answer = get(path)
        assert answer.content == segment.read_bytes()
        assert answer.headers["content-type"] == "video/mp2t"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "x-accel-redirect" not in answer.headers
        part = get(path, range="bytes=188-375")
        assert part.status_code == 206
        assert part.content == segment.read_bytes()[188:376]
        secret = f"/videos/{server.video(nobody)['slug']}/144p_0000.ts"
        assert get(secret).status_code == 404
        inside = get(f"/vlog-media/{slug}/144p_0000.ts")
        assert inside.status_code == 404
        feed = get("/feed.rss")
        assert f"https://{NAME}/watch/{slug}" in feed.text
