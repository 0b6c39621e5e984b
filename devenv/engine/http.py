"""One HTTP request or TCP connection with a time limit: for checks, and for probes from outside a container."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from devenv.records import frozen

HTTP2_ONLY = "it speaks HTTP/2 only, as gRPC does"
"""What an answer's `error` is then."""

_CLOSED = "the connection was closed without an answer"
_MOMENT = 0.25  # seconds that a proxy has to find out that nobody listens


@frozen
class Answer:
    """What came back: `status` (0 when nothing did), the first bytes of the body, and in words what went wrong."""

    status: int = 0
    body: str = ""
    error: str = ""

    @property
    def good(self) -> bool:
        """A status of 2xx or 3xx: what a readiness probe takes for an answer."""
        return 200 <= self.status < 400


def request(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    timeout: float = 5.0,
    limit: int = 64 << 10,
) -> Answer:
    """Asks `url` once, follows no redirect and reads at most `limit` bytes, for at most `timeout` seconds once it is
    connected, however slowly they come. Never raises: what fails is in the answer.

    Certificates are not verified: what is asked is a development service on this machine, whose
    certificate nobody has signed.
    """
    try:
        connection, target = _open(url, timeout)
    except (ValueError, http.client.HTTPException) as error:
        return Answer(error=f"'{url}' is not an http URL: {error}")
    late, end = threading.Event(), None
    try:
        connection.connect()
        end = threading.Timer(timeout, _cut, (connection.sock, late))
        end.start()
        connection.request(
            method, target, body=body.encode() if body is not None else None, headers=dict(headers or {})
        )
        response = connection.getresponse()
        read = response.read(limit).decode("utf-8", "replace")
        return Answer(error=_words(TimeoutError(), timeout)) if late.is_set() else Answer(response.status, read)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(error=_words(TimeoutError() if late.is_set() else error, timeout))
    finally:
        if end is not None:
            end.cancel()
        connection.close()


def _cut(connected: socket.socket, late: threading.Event) -> None:
    """Ends a connection under whoever reads from it."""
    late.set()
    with suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # without a word of TLS, which might wait


def _open(url: str, timeout: float) -> tuple[http.client.HTTPConnection, str]:
    """A connection, not yet made, and what to ask for; raises ValueError or HTTPException when `url` is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it needs http:// or https://, and a host")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout), target
    context = ssl._create_unverified_context()  # noqa: S323 - see the docstring of `request`
    return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context), target


def connect(host: str, port: int, *, timeout: float = 5.0) -> str:
    """Opens and closes a TCP connection; the text says what went wrong, empty when nothing did.

    An engine's proxy accepts every connection to a published port, and closes it when nothing listens in the container.
    So one counts that says something, or that is still open a moment later.
    """
    try:
        with socket.create_connection((host, port), timeout=timeout) as connection:
            connection.settimeout(min(_MOMENT, timeout))
            try:
                return "" if connection.recv(1) else _CLOSED
            except TimeoutError:
                return ""
    except (OSError, OverflowError) as error:
        return _words(error, timeout)


def _words(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError | http.client.RemoteDisconnected):
        return _CLOSED
    if isinstance(error, http.client.BadStatusLine) and str(error)[3:4] == "\x04":
        return HTTP2_ONLY  # every connection of HTTP/2 begins with a SETTINGS frame (RFC 9113, 3.4 and 6.5)
    if isinstance(error, socket.gaierror):
        return "the host name is unknown"
    return str(error) or type(error).__name__
