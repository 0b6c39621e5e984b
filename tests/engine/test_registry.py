import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from devenv.engine import registry


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        here = self.path in ("/v2/", "/v2/library/redis/manifests/8")
        self.send_response(401 if self.path == "/v2/" else 200 if here else 404)
        self.end_headers()

    def log_message(self, *arguments):
        return


@pytest.fixture
def host():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_any_answer_is_an_answer(host):
    assert registry.answers(host)


def test_nobody_and_silence_are_none():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        started = time.monotonic()
        assert not registry.answers(f"127.0.0.1:{port}", timeout=0.3)
        assert time.monotonic() - started < 2
    assert not registry.answers(f"127.0.0.1:{port}", timeout=0.3)


def test_a_mirror_lacks_only_what_it_says_it_lacks(host):
    assert registry.lacks(f"http://{host}/", "nosuch:1")
    assert not registry.lacks(f"http://{host}/", "redis:8")
    assert not registry.lacks(f"http://{host}/", "ghcr.io/a/b:1")
    assert not registry.lacks("http://127.0.0.1:9/", "nosuch:1")
