import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devenv.engine.endpoint import Endpoint
from devenv.engine.listing import containers

LIST = b'[{"Id": "1"}, {"Id": "2"}]'


@contextmanager
def engine(folder: Path, *pieces: bytes) -> Iterator[tuple[Endpoint, list[bytes]]]:
    """A socket that answers one request with these pieces and closes the connection."""
    path, asked = folder / "engine.sock", []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        server.listen()

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(65536))
                for piece in pieces:
                    connection.sendall(piece)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield Endpoint(f"unix://{path}", "default"), asked
        thread.join(5)


def test_one_request_brings_the_list(tmp_path: Path) -> None:
    with engine(tmp_path, b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n", LIST[:9], LIST[9:]) as (at, asked):
        assert containers(at, "project=shop") == [{"Id": "1"}, {"Id": "2"}]
    assert asked[0].startswith(b"GET /containers/json?all=1&filters=%7B%22label%22%3A%20%5B%22project%3Dshop%22%5D%7D ")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n" + LIST[:-1],
        b'HTTP/1.0 200 OK\r\n\r\n{"message": "no list"}',
        b'HTTP/1.0 500 Internal Server Error\r\n\r\n{"message": "broken"}',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n" + LIST + b"\r\n0\r\n\r\n",
        b"garbage",
    ],
)
def test_anything_else_is_left_to_the_sdk(tmp_path: Path, answer: bytes) -> None:
    with engine(tmp_path, answer) as (at, _):
        assert containers(at, "project=shop") is None


@pytest.mark.parametrize(
    "at",
    [
        Endpoint("unix:///nowhere/docker.sock", "default"),
        Endpoint("ssh://somewhere", "DOCKER_HOST"),
        Endpoint("npipe:////./pipe/docker_engine", "default"),
        Endpoint("tcp://127.0.0.1:1", "DOCKER_HOST"),
        Endpoint("tcp://127.0.0.1:2376", "DOCKER_HOST", tls=True),
    ],
)
def test_where_no_plain_socket_answers_it_is_left_to_the_sdk(at: Endpoint) -> None:
    assert containers(at, "project=shop") is None
