"""A registry that misbehaves: passes requests on to a real one, and does what its file of orders says.

`python proxy.py PORT REGISTRY-PORT FOLDER`. FOLDER/orders holds one of: nothing; `429`, `401` or `503`, the answer to
every request for a manifest (`503 once`: to the next one); `break once`: the next large blob ends half-way, without a
word. FOLDER/requests gets a line for each request.
"""

from __future__ import annotations

import http.client
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT, REGISTRY, FOLDER = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
ORDERS, REQUESTS = FOLDER / "orders", FOLDER / "requests"
LARGE = 1 << 20
REFUSALS = {
    "429": (429, '{"errors": [{"code": "TOOMANYREQUESTS", "message": "You have reached your pull rate limit"}]}'),
    "401": (401, '{"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}'),
    "503": (503, "busy"),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        order, _, once = (ORDERS.read_text() if ORDERS.exists() else "").strip().partition(" ")
        with REQUESTS.open("a") as log:
            log.write(f"{self.command} {self.path} {self.headers.get('Range', '')}\n")
        manifest = "/manifests/" in self.path
        if order in REFUSALS and manifest:
            if once:
                ORDERS.write_text("")
            self.refuse(*REFUSALS[order])
            return
        connection = http.client.HTTPConnection("127.0.0.1", REGISTRY, timeout=60)
        passed = {name: ", ".join(self.headers.get_all(name) or ()) for name in self.headers if name.lower() != "host"}
        connection.request(self.command, self.path, headers=passed)
        answer = connection.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
        self.end_headers()
        if order == "break" and len(body) > LARGE:
            ORDERS.write_text("")
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        self.wfile.write(body)

    do_HEAD = do_GET

    def refuse(self, status: int, words: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(words.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
