"""`ready:` of a service and `checks:` of a manifest: what is asked, and for how long."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from devenv.core.compose.merge import only_budget
from devenv.core.manifest.node import Node, quoted
from devenv.model.data import text
from devenv.model.manifest import Check, Expect, Ready

_KINDS = ("http", "tcp", "run")
_READY = (*_KINDS, "port", "within")
_CHECK = (*_KINDS, "service", "method", "headers", "body", "expect", "within")
_HTTP_ONLY = ("method", "headers")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def read_ready(node: Node, *, templates: bool = False) -> Ready | None:
    """When a service is ready, or None with the problems reported; also for one from a template (`templates`) that only
    says how long to wait."""
    said = str(node.value)
    hint = f"write {{http: {said}}}" if said.startswith("/") else f"write {{tcp: {said}}}" if said.isdigit() else None
    if node.mapping("a mapping with 'http', 'tcp' or 'run'", hint) is None:
        return None
    before = len(node.report.problems)
    values: dict[str, Any] = {}
    for key, child in node.children():
        if key == "http":
            values[key] = _path(child)
        elif key in ("tcp", "port"):
            values[key] = child.text("a port's name or number")
        elif key == "run":
            values[key] = read_command(child)
        elif key == "within":
            values[key] = child.duration()
        elif not key.startswith("x-"):
            node.unknown(key, _READY, _OF_COMPOSE.get(key))
    if templates and only_budget(node.value):
        return None
    _one_kind(node, "DE209", _READY)
    if "port" in values and "http" not in values:
        node.child("port").problem("DE219", "'port' says which port 'http' asks", of_key=True)
    return Ready(**values) if len(node.report.problems) == before else None


_OF_COMPOSE = {
    "timeout": "did you mean 'within'?",
    "test": "did you mean 'run'? Compose's own keys go under 'healthcheck'",
    "interval": "devenv probes often while the service starts; Compose's own keys go under 'healthcheck'",
    "retries": "say with 'within' how long the service may take to start",
}


def read_command(node: Node) -> str | tuple[str, ...] | None:
    """A command for the shell as text, or a list of words."""
    if isinstance(node.value, list):
        return node.argv("a command")
    return node.text("a command, as text or as a list of words")


def _one_kind(node: Node, code: str, known: Collection[str]) -> None:
    kinds = [kind for kind in _KINDS if kind in node.value]
    if len(kinds) > 1:
        message = f"{' and '.join(repr(kind) for kind in kinds)} exclude each other"
        node.child(kinds[1]).problem(code, message, "keep one of them", of_key=True)
    elif not kinds and node.holds_only(known):
        node.problem(code, "one of 'http', 'tcp' and 'run' is missing", of_key=True)


def _path(node: Node) -> str | None:
    path = node.text("the path of a URL", "write a path such as /healthz")
    if path is None or path.startswith(("/", "$")):
        return path
    hint = f"write /{path}"
    if "://" in path:
        hint = f"write /{path.partition('://')[2].partition('/')[2]}, and the port as 'port: NAME'"
    node.problem("DE209", f"{quoted(path)} is no path: it starts with '/'", hint)
    return None


def read_check(node: Node, names: Collection[str]) -> Check | None:
    """An end-to-end check, or None with the problems reported."""
    said = str(node.value) if isinstance(node.value, str) else ""
    hint = f'write {{http: "{said}"}}' if "://" in said or ".url}" in said else None
    if node.mapping("a mapping with 'http', 'tcp' or 'run'", hint) is None:
        return None
    before = len(node.report.problems)
    values: dict[str, Any] = {}
    for key, child in node.children():
        if key in ("http", "tcp"):
            values[key] = child.text("a URL" if key == "http" else "HOST:PORT")
        elif key == "run":
            values[key] = read_command(child)
        elif key == "service":
            values[key] = _service(child, names)
        elif key == "method":
            values[key] = _method(child)
        elif key == "headers":
            values[key] = _headers(child)
        elif key == "body":
            values[key] = _body(child)
        elif key == "expect":
            values[key] = _expect(child)
        elif key == "within":
            values[key] = child.duration()
        elif not key.startswith("x-"):
            node.unknown(key, _CHECK, _MEANT.get(key))
    _one_kind(node, "DE220", _CHECK)
    _fitting(node)
    return Check(**values) if len(node.report.problems) == before else None


_MEANT = {"timeout": "did you mean 'within'?", "url": "did you mean 'http'?", "command": "did you mean 'run'?"}


def _fitting(node: Node) -> None:
    kind = next((kind for kind in _KINDS if kind in node.value), "")
    wrong = {"http": ("service",), "tcp": (*_HTTP_ONLY, "body", "expect", "service"), "run": (*_HTTP_ONLY, "body")}
    for key in wrong.get(kind, ()):
        if key in node.value:
            node.child(key).problem("DE219", f"'{key}' says nothing about a check with '{kind}'", of_key=True)


def _service(node: Node, names: Collection[str]) -> str | None:
    name = node.text("a service's name")
    if name is not None and name not in names:
        node.problem("DE206", f"there is no service {quoted(name)}", node.suggest(name, names))
    return name


def _method(node: Node) -> str:
    method = (node.text("a method of HTTP") or "GET").upper()
    if method not in _METHODS:
        node.problem("DE214", f"takes one of {', '.join(_METHODS)}", node.suggest(method, _METHODS))
    return method


def _headers(node: Node) -> dict[str, str]:
    if node.value is None or node.mapping("a mapping of headers") is None:
        return {}
    return {name: child.text("text") or "" for name, child in node.children()}


def _body(node: Node) -> str:
    if node.value is None or isinstance(node.value, dict | list):
        node.wrong_kind("text", "write the body as text, in quotes")
        return ""
    return text(node.value)


def _expect(node: Node) -> Expect:
    if node.mapping("a mapping with 'status' or 'body'") is None:
        return Expect()
    status = body = None
    for key, child in node.children():
        if key == "status":
            status = child.integer()
            if status is None or not 100 <= status <= 599:
                child.problem("DE214", "takes a status of HTTP: 100 to 599", of_key=child.value is None)
        elif key == "body":
            body = _body(child)
        elif not key.startswith("x-"):
            node.unknown(key, ("status", "body"))
    return Expect(status=status, body=body)
