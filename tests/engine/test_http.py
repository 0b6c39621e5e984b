import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic

import pytest

from devenv.engine.http import HTTP2_ONLY, connect, request


@pytest.fixture
def answering() -> Iterator[object]:
    """Starts servers that answer one connection with fixed bytes, and gives their ports."""
    listeners: list[socket.socket] = []

    def start(data: bytes | None) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                if data is None:
                    waiting.wait(5)
                else:
                    connection.sendall(data)

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    waiting = threading.Event()
    yield start
    waiting.set()
    for listener in listeners:
        listener.close()


def test_an_answer_has_a_status_and_a_body(answering) -> None:
    port = answering(b"HTTP/1.0 201 Created\r\n\r\nhello")
    answer = request(f"http://127.0.0.1:{port}/a?b=1")
    assert (answer.status, answer.body, answer.error, answer.good) == (201, "hello", "", True)


def test_no_more_than_the_limit_is_read(answering) -> None:
    port = answering(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 1000)
    assert len(request(f"http://127.0.0.1:{port}/", limit=10).body) == 10


def test_a_server_error_is_an_answer_but_not_a_good_one(answering) -> None:
    answer = request(f"http://127.0.0.1:{answering(b'HTTP/1.0 503 Busy' + bytes([13, 10, 13, 10]))}/")
    assert (answer.status, answer.good) == (503, False)


@pytest.mark.parametrize("begins", [b"HTTP/1.0 200 OK\r\nx-a: ", b"HTTP/1.0 200 OK\r\ncontent-length: 9999\r\n\r\n"])
def test_an_answer_that_trickles_ends_in_time(begins) -> None:
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(begins)
            while not done.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        before = monotonic()
        answer = request(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=0.5)
        done.set()
    assert monotonic() - before < 3 and (answer.error, answer.status) == ("no answer within 0.5 s", 0)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "the connection was closed without an answer"),
        (None, "no answer within 0.2 s"),
        (b"SSH-2.0-OpenSSH\r\n", "SSH-2.0-OpenSSH"),
        (bytes.fromhex("000006 04 00 00000000 0005 00004000"), HTTP2_ONLY),
    ],
)
def test_what_is_no_answer_is_said_in_words(answering, data: bytes | None, error: str) -> None:
    answer = request(f"http://127.0.0.1:{answering(data)}/", timeout=0.2)
    assert answer.status == 0
    assert error in answer.error


@pytest.mark.parametrize(
    "url", ["ftp://a/", "nonsense", "http://", "http://127.0.0.1:99999/", "http://a b/", "http://[::1/", "http://h:x/"]
)
def test_what_is_no_url_never_raises(url: str) -> None:
    answer = request(url, timeout=1)
    assert answer.status == 0
    assert answer.error


@pytest.mark.parametrize(("greeting", "error"), [(b"", "the connection was closed without an answer"), (b"220 hi", "")])
def test_a_connection_that_is_closed_at_once_is_none(greeting: bytes, error: str) -> None:
    def accept() -> None:  # as an engine's proxy does for a container in which nobody listens
        connection, _ = listener.accept()
        with connection:
            connection.sendall(greeting)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        assert connect("127.0.0.1", listener.getsockname()[1]) == error


def test_connecting_says_what_went_wrong() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert connect("127.0.0.1", listener.getsockname()[1]) == ""
    assert connect("127.0.0.1", 1) == "connection refused"
    assert "unknown" in connect("no-such-host.invalid", 80, timeout=2)
