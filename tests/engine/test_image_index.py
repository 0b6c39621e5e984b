from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from devenv.engine.image_index import platform_digests
from devenv.engine.registry import index


def entry(digest, os="linux", architecture="amd64", **more):
    return {"digest": digest, "platform": {"os": os, "architecture": architecture, **more}}


INDEX = {
    "manifests": [
        entry("sha256:1"),
        entry("sha256:2", architecture="arm64", variant="v8"),
        entry("sha256:3", architecture="arm", variant="v7"),
        entry("sha256:4", os="unknown", architecture="unknown"),
    ]
}


def test_each_platform_has_its_digest_and_attestations_are_none():
    assert platform_digests(INDEX) == {"linux/amd64": "sha256:1", "linux/arm64": "sha256:2", "linux/arm/v7": "sha256:3"}


def test_what_is_no_index_has_no_platforms():
    for data in (None, [], {}, {"manifests": None}, {"manifests": [{}]}, {"config": {}, "layers": []}):
        assert platform_digests(data) == {}


def test_an_index_is_taken_from_whoever_has_it_if_it_is_what_its_digest_says():
    right = json.dumps(INDEX).encode()
    bodies = {"right": right, "wrong": right.replace(b"sha256:1", b"sha256:9")}

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(bodies[self.path.split("/")[2]])

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    digest = f"sha256:{hashlib.sha256(right).hexdigest()}"
    host = f"127.0.0.1:{server.server_port}"
    try:
        assert index(f"{host}/right:1", digest) == INDEX
        assert index(f"{host}/wrong:1", digest) is None
        assert index("127.0.0.1:1/right:1", digest, timeout=0.5) is None
    finally:
        server.shutdown()
        server.server_close()
