"""Asking a container directly, against real sockets on this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from devenv.engine.reach import accepts, answers, is_ours


@contextmanager
def server(reply: bytes) -> Iterator[int]:
    """Answers one connection after the other with `reply`; gives its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    if reply:
                        connection.recv(1000)
                        connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return listening.getsockname()[1]


def test_only_addresses_of_this_machine_are_ours():
    assert is_ours("127.0.0.1")
    assert not is_ours("203.0.113.1")  # a network for documentation
    assert not is_ours("nonsense")


def test_a_port_that_accepts():
    with server(b"") as port:
        assert accepts("127.0.0.1", port, "127.0.0.1")
    assert not accepts("127.0.0.1", free_port(), "127.0.0.1")


@pytest.mark.parametrize(
    ("reply", "good"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.0 302 Found\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", False),
        (b"SSH-2.0-x\r\n", False),
        (b"\r\n", False),
        (b"\xff\x00", False),
    ],
)
def test_an_answer_of_http(reply: bytes, good: bool):
    with server(reply) as port:
        assert answers("127.0.0.1", port, "/healthz", "127.0.0.1") is good


def test_nobody_answers():
    assert not answers("127.0.0.1", free_port(), "/", "127.0.0.1")
