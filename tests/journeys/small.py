"""Small services of the base image, in perl and sh, for journeys that are about devenv and not about services."""

from __future__ import annotations

import json

IMAGE = "devenv/debian:trixie-slim"

_SERVER = (
    "$s = IO::Socket::INET->new(LocalPort => PORT, Listen => 5, ReuseAddr => 1) or die; "
    "while ($c = $s->accept) { sysread $c, $b, 999; "
    'print $c "HTTP/1.0 200 OK\\r\\n\\r\\nhello from NAME\\n"; close $c }'
)


def server(name: str, port: int, *, needs: tuple[str, ...] = (), delay: float = 0, more: str = "") -> str:
    """A service (YAML, to stand under `services:`) that answers HTTP on `port`, after `delay` seconds."""
    perl = _SERVER.replace("PORT", str(port)).replace("NAME", name).replace("$", "$$")
    command = json.dumps(["perl", "-MIO::Socket::INET", "-e", f"sleep {delay};" + perl if delay else perl])
    lines = [
        f"  {name}:",
        f"    image: {IMAGE}",
        "    init: true",
        f"    command: {command}",
        f"    ports: {{ http: {port} }}",
        "    ready: { http: /, within: 20s }",
        f"    needs: [{', '.join(needs)}]",
        *(f"    {line}" for line in more.splitlines()),
    ]
    return "\n".join(lines) + "\n"


def script(name: str, text: str, *, more: str = "") -> str:
    """A service that runs a shell script."""
    command = json.dumps(["sh", "-c", text.replace("$", "$$")])
    lines = [f"  {name}:", f"    image: {IMAGE}", "    init: true", f"    command: {command}"]
    return "\n".join([*lines, *(f"    {line}" for line in more.splitlines())]) + "\n"


def manifest(*services: str, more: str = "") -> str:
    """A manifest of these services; its name is replaced by the fixture that writes it."""
    return "devenv: 1\nname: small\nservices:\n" + "".join(services) + more
