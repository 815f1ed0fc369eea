"""Real proxies in front of a server, configured as the documentation says."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.end_to_end.server import wait_for

_ROOT = Path(__file__).parents[2]
_DOCUMENT = _ROOT / "docs" / "delivery.md"
NAME = "video.example.org"
_FOLDER = f"/etc/letsencrypt/live/{NAME}"


def tool(name: str) -> str:
    """A proxy's program: the system's, or what `make test` has unpacked."""
    places = [_ROOT / ".tools" / "usr" / folder / name for folder in ("sbin", "bin")]
    found = shutil.which(name) or next((str(place) for place in places if place.exists()), None)
    assert found is not None, f"{name} is missing; `make test` fetches it"
    return found


def documented(language: str, number: int = 0) -> str:
    """The configuration in the documentation that is written in one language."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    blocks = pattern.findall(_DOCUMENT.read_text())
    return str(blocks[number])


class Certificates:
    """A certificate authority, and files with what it issued."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.trust = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(self.trust))
        self.chain, self.key = folder / "fullchain.pem", folder / "privkey.pem"

    def issue(self, *names: str) -> None:
        """Write a new certificate in the place of the last one."""
        issued = self.authority.issue_cert(*names)
        self.chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(self.key))


@contextmanager
def nginx(
    folder: Path, port: int, upstream: int, videos: Path, files: Certificates
) -> Iterator[None]:
    """The documented server block in a whole configuration, on other ports and paths."""
    block = documented("nginx")
    for written, here in (
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("127.0.0.1:9000", f"127.0.0.1:{upstream}"),
        (f"{_FOLDER}/fullchain.pem", str(files.chain)),
        (f"{_FOLDER}/privkey.pem", str(files.key)),
        ("/srv/vlog/data/videos/", f"{videos}/"),
    ):
        assert written in block, written
        block = block.replace(written, here)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; user root root; pid {folder}/nginx.pid; events {{}}\n"
        f"http {{ access_log off; default_type application/octet-stream;\n{temporary}\n{block} }}\n"
    )
    command = [tool("nginx"), "-c", str(configuration), "-e", str(folder / "nginx.log")]
    with _running(command, port):
        yield


@contextmanager
def caddy(
    folder: Path, port: int, upstream: int, videos: Path, files: Certificates
) -> Iterator[None]:
    """The documented site with a certificate of ours in the place of one from the internet."""
    block = documented("caddy")
    for written, here in (
        (f"{NAME} {{", f"https://{NAME}:{port} {{\n\ttls {files.chain} {files.key}"),
        ("127.0.0.1:9000", f"127.0.0.1:{upstream}"),
        ("/srv/vlog/data/videos", str(videos)),
    ):
        assert written in block, written
        block = block.replace(written, here)
    configuration = folder / "Caddyfile"
    configuration.write_text(
        "{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n"
        f"\tstorage file_system {folder}/caddy\n}}\n{block}"
    )
    command = [tool("caddy"), "run", "--adapter", "caddyfile", "--config", str(configuration)]
    with _running(command, port):
        yield


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def listens() -> bool:
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_for(command[0], listens, 20)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)
