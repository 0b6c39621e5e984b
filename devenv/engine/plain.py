"""Questions to the engine over its own socket, without the Docker SDK or an HTTP library.

Importing these takes longer than all the rest of `devenv status` and of an `up` with nothing to do, and holds up the
first container of one that has. A question is one request in HTTP 1.0, whose answer ends with the connection. What
cannot be asked like that (TLS, ssh, Windows' pipes) or is answered otherwise is left to the SDK.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from devenv.engine.endpoint import Endpoint

_TIMEOUT = 60  # seconds, as the SDK has

Answer = tuple[int, Any]
"""An HTTP status, and the JSON that came with it (None for an empty body)."""


def target(path: str, query: Mapping[str, Any]) -> str:
    """A path of the engine's API with a query; mappings in it are JSON, as the API wants `filters`."""
    said = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in query.items()}
    return f"{quote(path)}?{urlencode(said)}" if said else quote(path)


def ask(endpoint: Endpoint, method: str, wanted: str, body: Mapping[str, Any] | None = None) -> Answer | None:
    """What the engine answers, to JSON where there is a `body`; None when it has to be asked otherwise."""
    try:
        with _connected(endpoint) as connection:
            connection.sendall(_request(method, wanted, body))
            with connection.makefile("rb") as answer:
                status, said = _parts(answer.read())
                return status, json.loads(said) if said.strip() else None
    except (OSError, ValueError):
        return None


class Lines:
    """A stream of JSON objects, one a line, that ends quietly when its connection does; `close` ends it from any
    thread."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._file = connection.makefile("rb")
        head = b""
        while (line := self._file.readline()) not in (b"\r\n", b""):
            head += line
        status, _ = _parts(head + line)
        if status != 200:
            raise ValueError("no stream")

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        with suppress(OSError, ValueError):
            for line in self._file:
                yield json.loads(line)

    def close(self) -> None:
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


def stream(endpoint: Endpoint, wanted: str) -> Lines | None:
    """Opens a stream once the engine has agreed to it; None when it has to be opened otherwise."""
    try:
        connection = _connected(endpoint)
    except (OSError, ValueError):
        return None
    try:
        connection.sendall(_request("GET", wanted))
        found = Lines(connection)
        connection.settimeout(None)  # the next event may be hours away
    except (OSError, ValueError):
        connection.close()
        return None
    return found


def _request(method: str, wanted: str, body: Mapping[str, Any] | None = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    kind = "Content-Type: application/json\r\n" if content else ""
    head = f"{method} {wanted} HTTP/1.0\r\nHost: docker\r\n{kind}Content-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def _parts(answer: bytes) -> tuple[int, bytes]:
    """Status and body of an answer. Raises ValueError for one that is not whole, or in pieces."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found or not head.startswith(b"HTTP/1.") or b"\r\ntransfer-encoding:" in head.lower():
        raise ValueError("not an answer")
    return int(head.split(b" ", 2)[1]), body


def _connected(endpoint: Endpoint) -> socket.socket:
    """Raises OSError when nobody answers, ValueError for what needs more than a socket."""
    parts = urlsplit(endpoint.host)
    if parts.scheme == "unix" and hasattr(socket, "AF_UNIX") and not endpoint.tls:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_TIMEOUT)
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection
    if parts.scheme in ("tcp", "http") and parts.hostname and parts.port and not endpoint.tls:
        return socket.create_connection((parts.hostname, parts.port), timeout=_TIMEOUT)
    raise ValueError("not a plain socket")
