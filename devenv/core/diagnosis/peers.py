"""Whom a service could not reach, read from its log, and whether it needs that service at all. Pure."""

from __future__ import annotations

import re

from devenv.core.diagnosis.symptoms import Facts, Known
from devenv.core.suggest import suggest

_LINES = 20
"""Lines from the log's end that count: earlier ones are often tries that worked in the end."""

_NAME = r"(?P<host>(?<![\w.-])[A-Za-z0-9][\w.-]*)"
_NOT_FOUND = (
    r'could not translate host name "(?P<host>[^"]+)"',
    rf"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) {_NAME}",
    rf"dial tcp: lookup {_NAME}",
    rf"lookup {_NAME}(?: on \S+)?: (?:no such host|server misbehaving|Temporary failure)",
    rf"UnknownHostException: {_NAME}",
    rf"(?i)could not resolve host:? '?{_NAME}",
    rf"getaddrinfo for {_NAME} failed",
    r"Unknown (?:MySQL|MariaDB)? ?server host '(?P<host>[^']+)'",
    r"bad address '(?P<host>[^']+)'",
    r'host not found in (?:upstream|resolver) "(?P<host>[^":]+)',
    r"Failed to resolve '(?P<host>[^']+)'",
    r"unable to resolve host address .(?P<host>[\w.-]+)",
    rf"Error -\d+ connecting to {_NAME}:\d+\.",
    rf"{_NAME}: (?:Name or service not known|Temporary failure in name resolution|No address associated)",
)
_REFUSED = (
    r'connection to server at "(?P<host>[^"]+)"(?: \([^)]*\))?, port (?P<port>\d+) failed: Connection refused',
    r"dial tcp (?P<host>\[[^\]]+\]|[^\s:]+):(?P<port>\d+): connect: connection refused",
    r"ECONNREFUSED (?P<host>[\w.:-]+?):(?P<port>\d+)\b",
    r"Can't connect to (?:\w+ )?server on '(?P<host>[^':]+)(?::(?P<port>\d+))?'",
    rf"Failed to connect to {_NAME} (?:\([^)]*\) )?port (?P<port>\d+)",
    rf"Connection to {_NAME}:(?P<port>\d+) refused",
    rf"Connection refused: (?:no further information: )?{_NAME}?/[\d.]+:(?P<port>\d+)",
    rf"Error 111 connecting to {_NAME}:(?P<port>\d+)",
    r"\(host='(?P<host>[^']+)', port=(?P<port>\d+)\).*Connection refused",
    r'upstream: "\w+://(?P<host>[\w.-]+):(?P<port>\d+)',
    rf"(?i){_NAME}:(?P<port>\d+)\b.*(?:connection refused|econnrefused)",
)
_HERE = frozenset({"localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0"})  # noqa: S104 - read, not bound


def unreachable(facts: Facts) -> Known | None:
    """Whom the service could not reach, from the youngest line that says so."""
    for line in reversed(facts.log[-_LINES:]):
        for pattern in _NOT_FOUND:
            if found := re.search(pattern, line):
                return _not_found(facts, found["host"].rstrip("."))
        for pattern in _REFUSED:
            if found := re.search(pattern, line):
                return _refused(facts, found["host"] or "", int(found["port"] or 0))
    return None


def _not_found(facts: Facts, host: str) -> Known | None:
    if host == facts.service:
        return None
    steps: tuple[str, ...]
    if host in facts.needs:
        steps = (
            f"`devenv status` shows whether {host} still runs",
            f"check `networks` of both: {facts.service} and {host} must share one",
        )
        return Known("name-not-found", f"it does not find {host}, which it needs", steps)
    if host in facts.services:
        return _need(facts, host, f"it connects to {host}, but does not need it")
    if "." in host:
        steps = (f"check the name, and whether this machine finds it: `getent hosts {host}`",)
        return Known("name-not-found", f"it does not find the host {host}", steps)
    hint = suggest(host, facts.services)
    others = ", ".join(name for name in facts.services if name != facts.service)
    steps = tuple(s for s in (hint, f"services are reached by their names: {others}" if others else "") if s)
    return Known("name-not-found", f"it looks for '{host}', and no service of this stack is called so", steps)


def _refused(facts: Facts, host: str, port: int) -> Known | None:
    by_port = facts.ports.get(port)
    target = host if host in facts.services else by_port
    if host == facts.service:
        return None
    if host in _HERE:
        if by_port is None:
            return None
        words = f"it connects to {host}:{port}, which is its own container; {by_port} has port {port}"
        steps = (f"let it connect to `{by_port}:{port}`", f"write `needs: [{by_port}]` under {facts.service}")
        return Known("localhost", words, steps if by_port not in facts.needs else steps[:1])
    if target is None or target == facts.service:
        return None
    if target not in facts.needs:
        return _need(facts, target, f"it connects to {target}, but does not need it")
    listens = [number for number, name in facts.ports.items() if name == target]
    if port and listens and port not in listens:
        words = f"it connects to port {port} of {target}, which has {', '.join(map(str, listens))}"
        return Known("refused", words, (f"let it connect to `{target}:{listens[0]}`",))
    steps = (
        f"`devenv logs {target}` shows what {target} was doing",
        f"if {target} was not ready, give it a `ready` that asks what {facts.service} needs",
    )
    return Known("refused", f"{target}, which it needs, refused the connection", steps)


def _need(facts: Facts, target: str, words: str) -> Known:
    steps = (
        f"write `needs: [{target}]` under {facts.service} in the manifest",
        f"`devenv up` then starts {facts.service} when {target} is ready",
    )
    return Known("missing-need", words, steps)
