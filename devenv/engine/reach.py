"""Asks a container on the engine's own network, where that network is this machine's: a look that costs no process.

With Docker Desktop, a rootless or a remote engine it is not, and the same address may belong to somebody else. So the
network's gateway must be an address of this machine, and every connection leaves from it.
"""

from __future__ import annotations

import socket


def is_ours(gateway: str) -> bool:
    """Whether an address is one of this machine's own."""
    family = socket.AF_INET6 if ":" in gateway else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((gateway, 0))
    except OSError:
        return False
    return True


def accepts(address: str, port: int, gateway: str, *, timeout: float = 1.0) -> bool:
    """Whether something accepts TCP connections there."""
    try:
        with socket.create_connection((address, port), timeout, (gateway, 0)):
            return True
    except OSError:
        return False


def answers(address: str, port: int, path: str, gateway: str, *, timeout: float = 2.0) -> bool:
    """Whether `GET path` there is answered with a status from 200 to 399."""
    request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\nUser-Agent: devenv\r\n\r\n".encode()
    try:
        with socket.create_connection((address, port), timeout, (gateway, 0)) as connection:
            connection.sendall(request)
            status = connection.makefile("rb").readline(256).split()
    except OSError:
        return False
    return len(status) > 1 and status[0].startswith(b"HTTP/") and status[1][:1] in (b"2", b"3")
