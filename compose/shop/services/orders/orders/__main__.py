"""The HTTP side of orders: `POST /orders`, `GET /orders/ID`, `GET /healthz`."""

import json
import signal
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from orders import log, store
from orders.outbox import Outbox

_PORT = 8000
_LARGEST_BODY = 64 * 1024
_LONGEST_ITEM = 200


class Refused(Exception):
    """What was asked for cannot be done; `args` are the status and the reason."""


class Handler(BaseHTTPRequestHandler):
    """One request; the answer is always JSON."""

    timeout = 10
    outbox: Outbox

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _get(self) -> tuple[int, dict[str, Any]]:
        if self.path == "/healthz":
            store.healthy()
            return HTTPStatus.OK, {"status": "ok"}
        order = store.find(_order_id(self.path))
        if order is None:
            raise Refused(HTTPStatus.NOT_FOUND, "no such order")
        return HTTPStatus.OK, order

    def _post(self) -> tuple[int, dict[str, Any]]:
        if self.path != "/orders":
            raise Refused(HTTPStatus.NOT_FOUND, "no such page")
        order = store.place(_item(self._body()))
        self.outbox.wake()
        log.info("order stored", order=order["id"], item=order["item"])
        return HTTPStatus.CREATED, {**order, "invoice": None}

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Refused(HTTPStatus.BAD_REQUEST, "Content-Length is missing")
        if int(length) > _LARGEST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        return self.rfile.read(int(length))

    def _answer(self, work: Any) -> None:
        try:
            status, data = work()
        except Refused as refused:
            status, data = refused.args[0], {"error": refused.args[1]}
        except store.Unavailable as problem:
            log.warning("database is away", problem=str(problem).strip())
            status, data = HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the database is away, try again"}
        except Exception:
            log.error("request failed", method=self.command, path=self.path)
            status, data = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "internal error"}
        body = json.dumps(data).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are logged by what they did, and probes not at all."""


def _order_id(path: str) -> UUID:
    try:
        return UUID(path.removeprefix("/orders/"))
    except ValueError:
        raise Refused(HTTPStatus.NOT_FOUND, "no such order") from None


def _item(body: bytes) -> str:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    item = data.get("item") if isinstance(data, dict) else None
    if not isinstance(item, str) or not item.strip() or len(item) > _LONGEST_ITEM:
        raise Refused(HTTPStatus.BAD_REQUEST, f"'item' must be text of 1 to {_LONGEST_ITEM} characters")
    try:
        item.encode()
    except UnicodeEncodeError:
        raise Refused(HTTPStatus.BAD_REQUEST, "'item' must be text that UTF-8 can hold") from None
    if "\0" in item:
        raise Refused(HTTPStatus.BAD_REQUEST, "'item' must not contain a null character")
    return item.strip()


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
    Handler.outbox = Outbox()
    Handler.outbox.start()
    with Server(("", _PORT), Handler) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        log.info("listening", port=_PORT)
        server.serve_forever(poll_interval=0.1)
    Handler.outbox.stop()
    log.info("stopped")


if __name__ == "__main__":
    main()
