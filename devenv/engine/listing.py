"""One listing of containers over the engine's own socket, without the Docker SDK.

Importing the SDK takes longer than all the rest of `devenv status` and of an `up` with nothing to do. What cannot be
asked in this way (TLS, ssh, Windows' pipes, an engine that answers with an error) is left to the SDK.
"""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any
from urllib.parse import quote, urlsplit

from devenv.engine.endpoint import Endpoint

_TIMEOUT = 60  # seconds, as the SDK has


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def containers(endpoint: Endpoint, label: str) -> list[dict[str, Any]] | None:
    """The engine's own data of all containers with a label (`key=value`); None when it has to be asked otherwise."""
    connection = _connection(endpoint)
    if connection is None:
        return None
    filters = quote(json.dumps({"label": [label]}))
    try:
        connection.request("GET", f"/containers/json?all=1&filters={filters}")
        response = connection.getresponse()
        data = json.loads(response.read()) if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return data if isinstance(data, list) else None


def _connection(endpoint: Endpoint) -> http.client.HTTPConnection | None:
    if endpoint.tls:
        return None
    parts = urlsplit(endpoint.host)
    if parts.scheme == "unix" and hasattr(socket, "AF_UNIX"):
        return _SocketConnection(parts.path)
    if parts.scheme in ("tcp", "http") and parts.hostname and parts.port:
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=_TIMEOUT)
    return None
