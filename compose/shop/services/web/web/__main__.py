"""The shop's front: `GET /`, `POST /orders`, `GET /orders/ID`."""

import json
import signal
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

from web import log, upstream

_PORT = 8080
_LARGEST_BODY = 64 * 1024
_PAGE = Path(__file__).with_name("page.html").read_bytes()


class Refused(Exception):
    """What was asked for cannot be done; `args` are the status and the reason."""


class Handler(BaseHTTPRequestHandler):
    """One request; JSON but for the page."""

    timeout = 10

    def do_GET(self) -> None:
        if self.path == "/":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", _PAGE)
        else:
            self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _get(self) -> upstream.Answer:
        try:
            order = UUID(self.path.removeprefix("/orders/"))
        except ValueError:
            raise Refused(HTTPStatus.NOT_FOUND, "no such page or order") from None
        return upstream.find(str(order))

    def _post(self) -> upstream.Answer:
        if self.path != "/orders":
            raise Refused(HTTPStatus.NOT_FOUND, "no such page")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Refused(HTTPStatus.BAD_REQUEST, "Content-Length is missing")
        if int(length) > _LARGEST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        return upstream.place(self.rfile.read(int(length)))

    def _answer(self, work: Any) -> None:
        try:
            status, data = work()
        except (Refused, upstream.Unavailable) as problem:
            status, data = problem.args[0], {"error": problem.args[1]}
        except Exception:
            log.error("request failed", method=self.command, path=self.path)
            status, data = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "internal error"}
        self._send(status, "application/json", json.dumps(data).encode() + b"\n")
        log.info("request", method=self.command, path=self.path, status=int(status))

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """`_answer` logs requests; the page, which probes ask for, is not worth a line."""


class Server(ThreadingHTTPServer):
    """Ends its requests before it ends itself."""

    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up before it had the answer is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            log.error("request failed")


def main() -> None:
    """Serves until SIGTERM, then ends the requests that are under way."""
    log.start()
    with Server(("", _PORT), Handler) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        log.info("listening", port=_PORT)
        server.serve_forever(poll_interval=0.1)
    log.info("stopped")


if __name__ == "__main__":
    main()
