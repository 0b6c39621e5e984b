"""One listing of containers over the engine's own socket, without the Docker SDK or an HTTP library.

Importing these takes longer than all the rest of `devenv status` and of an `up` with nothing to do. It is one question
in HTTP 1.0, whose answer ends with the connection. What cannot be asked like that (TLS, ssh, Windows' pipes, an engine
that answers with anything but the list) is left to the SDK.
"""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import quote, urlsplit

from devenv.engine.endpoint import Endpoint

_TIMEOUT = 60  # seconds, as the SDK has


def containers(endpoint: Endpoint, label: str) -> list[dict[str, Any]] | None:
    """The engine's own data of all containers with a label (`key=value`); None when it has to be asked otherwise."""
    path = f"/containers/json?all=1&filters={quote(json.dumps({'label': [label]}))}"
    try:
        with _connected(endpoint) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
            with connection.makefile("rb") as answer:
                data = _body(answer.read())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, list) else None


def _body(answer: bytes) -> Any:
    """The JSON in an answer. Raises ValueError for one that is not whole, or tells of a failure."""
    head, found, body = answer.partition(b"\r\n\r\n")
    status = head.partition(b"\r\n")[0].split(b" ")
    if not found or status[1:2] != [b"200"] or b"\r\ntransfer-encoding:" in head.lower():
        raise ValueError("not the list")
    return json.loads(body)


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
