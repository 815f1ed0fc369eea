"""Listening sockets: taken, foreign, handed over."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from vlog.errors import StartError
from vlog.process.sockets import address_of, bind


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_bound_socket_takes_connections(host: str) -> None:
    with closing(bind(host, 0, "public")) as listening:
        port = listening.getsockname()[1]
        assert address_of(listening) == f"http://localhost:{port}"
        socket.create_connection(("localhost", port), timeout=5).close()


def test_a_port_can_be_used_again_at_once() -> None:
    with closing(bind("127.0.0.1", 0, "public")) as listening:
        port = listening.getsockname()[1]
        with (
            closing(socket.create_connection(("127.0.0.1", port), timeout=5)),
            closing(_accepted(listening)),
        ):
            pass
    bind("127.0.0.1", port, "public").close()


def _accepted(listening: socket.socket) -> socket.socket:
    listening.setblocking(True)
    return listening.accept()[0]


def test_a_taken_port_is_named_with_its_setting() -> None:
    with closing(bind("127.0.0.1", 0, "public")) as first:
        port = first.getsockname()[1]
        with pytest.raises(StartError, match=rf"^Port {port} is taken .*`\[admin\] port`\.$"):
            bind("127.0.0.1", port, "admin")


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("192.0.2.1", "cannot listen on 192.0.2.1"),
        ("nobody.invalid", "nobody knows that address"),
    ],
)
def test_an_address_that_is_not_ours_is_a_sentence(host: str, words: str) -> None:
    with pytest.raises(StartError, match=words):
        bind(host, 0, "public")


_HANDED_OVER = """
import os, sys
os.environ["LISTEN_PID"] = str(os.getpid() + int(sys.argv[1]))
from vlog.process.sockets import bind
for name in ("public", "admin"):
    listening = bind("127.0.0.1", 0, name)
    print(name, listening.getsockname()[1], listening.get_inheritable(), listening.getblocking())
"""


def _bound_in_a_child(pid_offset: int, admin: socket.socket, public: socket.socket) -> list[str]:
    """What `bind` gives in a process that got two sockets as systemd gives them: from 3 on."""
    handed = [os.dup(admin.fileno()), os.dup(public.fileno())]

    # Runs between fork and exec: only calls of the kernel.
    def arrange() -> None:
        spare = [os.dup(descriptor) for descriptor in handed]
        high = [os.dup2(descriptor, 40 + place) for place, descriptor in enumerate(spare)]
        for place, descriptor in enumerate(high):
            os.dup2(descriptor, 3 + place)

    try:
        ended = subprocess.run(
            [sys.executable, "-c", _HANDED_OVER, str(pid_offset)],
            env={**os.environ, "LISTEN_FDS": "2", "LISTEN_FDNAMES": "admin:public"},
            preexec_fn=arrange,
            close_fds=False,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    finally:
        for descriptor in handed:
            os.close(descriptor)
    return ended.stdout.splitlines()


def test_sockets_from_systemd_are_taken_by_their_names() -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as admin,
        closing(socket.create_server(("127.0.0.1", 0))) as public,
    ):
        lines = _bound_in_a_child(0, admin, public)
        assert lines == [
            f"public {public.getsockname()[1]} False False",
            f"admin {admin.getsockname()[1]} False False",
        ]


def test_sockets_meant_for_another_process_are_left_alone() -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as admin,
        closing(socket.create_server(("127.0.0.1", 0))) as public,
    ):
        theirs = {str(admin.getsockname()[1]), str(public.getsockname()[1])}
        lines = _bound_in_a_child(1, admin, public)
        assert theirs.isdisjoint(line.split()[1] for line in lines)


def test_connections_whose_receiver_is_dead_are_cut_off_by_the_kernel() -> None:
    with (
        closing(bind("127.0.0.1", 0, "public")) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        listening.setblocking(True)
        with listening.accept()[0] as accepted:
            limit = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert limit == 120_000


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes() -> None:
    script = (
        "import resource\n"
        "from vlog.process.open_files import allow_many\n"
        "_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, min(hard, 4096)))\n"
        "print(allow_many(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert len(set(said.stdout.split())) == 1
    assert int(said.stdout.split()[0]) > 256
