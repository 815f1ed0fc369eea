"""HTTPS by VLog itself, and certificates that are renewed under running connections."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from pathlib import Path
from typing import Any

import anyio
import pytest
import trustme

from vlog.errors import StartError
from vlog.process.certificates import Certificate
from vlog.process.servers import run_server

NAME = "video.example.org"


class Files:
    """What a program that renews certificates writes."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.chain, self.key = folder / "fullchain.pem", folder / "privkey.pem"
        self._turn = 0

    def issue(self, name: str = NAME) -> trustme.LeafCert:
        issued = self.authority.issue_cert(name)
        self.chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(self.key))
        self.touch()
        return issued

    def touch(self) -> None:
        """Two writes within one tick of the file system's clock would look like none."""
        self._turn += 1
        for path in (self.chain, self.key):
            os.utime(path, ns=(self._turn, self._turn))

    def trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


class _Hello:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            body = f"{scope['scheme']} {scope['http_version']}".encode()
            length = [(b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": length})
            await send({"type": "http.response.body", "body": body})

    async def drain(self, seconds: float) -> None:
        pass


@pytest.fixture
def files(tmp_path: Path) -> Files:
    found = Files(tmp_path)
    found.issue()
    return found


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"GET / HTTP/1.1\r\nhost: video.example.org\r\n\r\n")
    await writer.drain()
    answer = await reader.readuntil(b"\r\n\r\n")
    length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)


async def _serial(port: int, trust: ssl.SSLContext) -> int:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname=NAME)
    found = writer.get_extra_info("peercert")["serialNumber"]
    writer.close()
    return int(found, 16)


async def test_a_new_certificate_is_for_new_connections_and_old_ones_go_on(files: Files) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    port = listening.getsockname()[1]
    certificate = Certificate(files.chain, files.key)
    stop = anyio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(run_server(_Hello(), listening, stop, certificate))
        trust = files.trust()
        first = await _serial(port, trust)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trust, server_hostname=NAME
        )
        assert await _ask(reader, writer) == b"https 1.1"
        assert not certificate.refresh()
        files.issue()
        assert certificate.refresh()
        assert await _serial(port, trust) != first
        assert await _ask(reader, writer) == b"https 1.1"
        writer.close()
        stop.set()


async def test_files_that_do_not_fit_leave_the_old_certificate_at_work(files: Files) -> None:
    certificate = Certificate(files.chain, files.key)
    old = files.chain.read_bytes()
    files.issue()
    new_key = files.key.read_bytes()
    files.chain.write_bytes(old)
    files.touch()
    assert not certificate.refresh()
    files.key.write_bytes(b"half a ke")
    files.touch()
    assert not certificate.refresh()
    files.key.unlink()
    assert not certificate.refresh()
    files.key.write_bytes(new_key)
    files.issue()
    assert certificate.refresh()


def test_a_start_without_a_usable_certificate_says_which_file(tmp_path: Path) -> None:
    with pytest.raises(StartError) as missing:
        Certificate(tmp_path / "none.pem", tmp_path / "key.pem")
    assert "none.pem" in missing.value.detail
    (tmp_path / "chain.pem").write_text("no certificate")
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(StartError) as broken:
        Certificate(tmp_path / "chain.pem", tmp_path / "key.pem")
    assert "cannot be used" in broken.value.detail
