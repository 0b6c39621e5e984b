import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devenv.engine import plain
from devenv.engine.endpoint import Endpoint

LIST = b'[{"Id": "1"}, {"Id": "2"}]'


@contextmanager
def engine(
    folder: Path, *pieces: bytes, before_the_end: threading.Event | None = None
) -> Iterator[tuple[Endpoint, list[bytes]]]:
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
                if before_the_end is not None:
                    before_the_end.wait(5)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield Endpoint(f"unix://{path}", "default"), asked
        thread.join(5)


def test_one_request_brings_the_list(tmp_path: Path) -> None:
    wanted = plain.target("/containers/json", {"all": 1, "filters": {"label": ["project=shop"]}})
    with engine(tmp_path, b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n", LIST[:9], LIST[9:]) as (at, asked):
        assert plain.ask(at, "GET", wanted) == (200, [{"Id": "1"}, {"Id": "2"}])
    said = b"GET /containers/json?all=1&filters=%7B%22label%22%3A+%5B%22project%3Dshop%22%5D%7D HTTP/1.0\r\n"
    assert asked[0].startswith(said)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b"HTTP/1.0 204 No Content\r\n\r\n", 204, None),
        (b'HTTP/1.0 404 Not Found\r\n\r\n{"message": "no such thing"}', 404, {"message": "no such thing"}),
    ],
)
def test_what_the_engine_says_of_a_request_is_handed_on(
    tmp_path: Path, answer: bytes, status: int, said: object
) -> None:
    with engine(tmp_path, answer) as (at, _):
        assert plain.ask(at, "POST", "/containers/a/start") == (status, said)


def test_a_body_goes_as_json(tmp_path: Path) -> None:
    with engine(tmp_path, b'HTTP/1.0 201 Created\r\n\r\n{"Id": "1"}') as (at, asked):
        assert plain.ask(at, "POST", "/networks/create", {"Name": "shop"}) == (201, {"Id": "1"})
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert body == b'{"Name": "shop"}'
    assert b"Content-Type: application/json" in head and b"Content-Length: 16" in head


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n" + LIST[:-1],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n" + LIST + b"\r\n0\r\n\r\n",
        b"garbage",
    ],
)
def test_anything_else_is_left_to_the_sdk(tmp_path: Path, answer: bytes) -> None:
    with engine(tmp_path, answer) as (at, _):
        assert plain.ask(at, "GET", "/containers/json") is None


def test_a_stream_brings_an_object_a_line_until_it_ends(tmp_path: Path) -> None:
    with engine(tmp_path, b"HTTP/1.0 200 OK\r\n\r\n", b'{"a": 1}\n{"a"', b": 2}\n", b'{"cut') as (at, asked):
        stream = plain.stream(at, "/events")
        assert stream is not None
        assert list(stream) == [{"a": 1}, {"a": 2}]
    assert asked[0].startswith(b"GET /events HTTP/1.0\r\n")


def test_a_stream_is_ended_from_outside(tmp_path: Path) -> None:
    goes_on = threading.Event()
    with engine(tmp_path, b"HTTP/1.0 200 OK\r\n\r\n", before_the_end=goes_on) as (at, _):
        stream = plain.stream(at, "/events")
        assert stream is not None
        threading.Timer(0.1, stream.close).start()
        assert list(stream) == []
        goes_on.set()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.0 500 Internal Server Error\r\n\r\n{}\n", b"garbage\r\n\r\n"])
def test_a_stream_that_is_refused_is_left_to_the_sdk(tmp_path: Path, answer: bytes) -> None:
    with engine(tmp_path, answer) as (at, _):
        assert plain.stream(at, "/events") is None


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
    assert plain.ask(at, "GET", "/containers/json") is None
    assert plain.stream(at, "/events") is None
