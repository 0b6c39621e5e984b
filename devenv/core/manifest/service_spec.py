"""One service of a manifest or template: devenv's keys checked and typed, Compose's checked one level deep."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from devenv.core.compose.keys import (
    KINDS,
    MAPPING_ITEMS,
    NULL_MEANS_SOMETHING,
    ORDER,
    SCALAR_VALUES,
    SERVICE_KEYS,
    like,
)
from devenv.core.manifest.needs import read_needs
from devenv.core.manifest.node import Node, quoted, without_secrets
from devenv.core.manifest.readiness import read_ready
from devenv.core.manifest.service_ports import port_named, read_ports
from devenv.core.manifest.setup_spec import read_inputs, read_setup
from devenv.errors import Report
from devenv.model.data import Map, text
from devenv.model.manifest import ServiceSpec

OWN_KEYS = ("use", "with", "needs", "ports", "ready", "setup", "provision", "inputs", "job", "open")
_LATER = {
    "repo": "clone the repository beside the manifest and name its folder in 'build'",
    "host": "run the program by hand, with the variables that `devenv env` prints",
}
_KNOWN = (*OWN_KEYS, *SERVICE_KEYS)
_OF_THE_TOP = ("devenv", "name", "services", "modes", "checks", "catalogs", "include")
_USE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*(?:@[A-Za-z0-9][A-Za-z0-9._-]*)?")
_EMPTY = {"mapping": "{}", "list": "[]"}


def load_service(name: str, data: Map, report: Report) -> ServiceSpec | None:
    """The service `name` from its definition, or None with every problem of it in `report`.

    The names under `needs` are not looked up here.
    """
    before = len(report.problems)
    spec = read_service(Node(data, f"services.{name}", report, data.mark), None)
    return spec if len(report.problems) == before else None


def unknown_keys(data: Map) -> list[str]:
    """Keys that no service has: what `read_service` tells of them need not be told again."""
    return [key for key in data if key not in _KNOWN and not key.startswith("x-")]


def read_service(node: Node, names: Collection[str] | None) -> ServiceSpec:
    """The service at `node`, without the parts that are wrong. `names`: all services' names, None when not known."""
    if node.value is None:
        node.problem("DE207", "the service is empty", _SOURCES, of_key=True)
        return ServiceSpec(mark=node.key_mark)
    data = node.mapping("a mapping of keys", f"write {{image: {node.value}}}" if isinstance(node.value, str) else None)
    if data is None:
        return ServiceSpec(mark=node.key_mark)
    children = dict(node.children())
    wrong = {key for key, child in children.items() if not _known(node, key, child)}
    _source(node, children)
    ports_child, ready, job = children.get("ports"), children.get("ready"), children.get("job")
    named = ports_child is not None and isinstance(ports_child.value, dict)
    ports = read_ports(ports_child) if ports_child is not None and named else None
    wait = read_ready(ready, templates="use" in children) if ready is not None else None
    shown = children["open"].text("a port's name or a URL") if "open" in children else None
    if "use" not in children and (ports_child is None or named):
        written = ports_child.value if ports_child is not None else ()
        if ready is not None and wait is not None and not _asks_known_ports(ready, written):
            wait = None
        if shown is not None and not set("/$") & set(shown) and not port_named(children["open"], shown, written):
            shown = None
    setup, setup_inputs = read_setup(children["setup"]) if "setup" in children else ((), ())
    provision, provision_inputs = read_setup(children["provision"]) if "provision" in children else ((), ())
    return ServiceSpec(
        use=_use(children["use"]) if "use" in children else None,
        with_=_with(children),
        needs=read_needs(children["needs"], names) if "needs" in children else {},
        ports=ports,
        ready=wait,
        setup=setup,
        setup_inputs=setup_inputs,
        provision=provision,
        provision_inputs=provision_inputs,
        inputs=read_inputs(children["inputs"]) if "inputs" in children else (),
        job=(job.boolean() or False) if job is not None else False,
        open=shown,
        compose=_compose(data, wrong | ({"ports"} if named else set())),
        source=data,
        mark=node.key_mark or node.mark,
    )


_SOURCES = "say 'use' (a template), 'image' or 'build'"


def _asks_known_ports(ready: Node, ports: Collection[str]) -> bool:
    names = [child for key, child in ready.children() if key in ("tcp", "port")]
    return all(port_named(child, text(child.value), ports) for child in names)


def _known(node: Node, key: str, child: Node) -> bool:
    """Whether a key belongs into a service, with a value of the kind that Compose takes."""
    before = len(child.report.problems)
    if key in _LATER:
        child.problem("DE213", f"this release does not have '{key}' yet", _LATER[key], of_key=True)
    elif key in SERVICE_KEYS:
        _compose_kind(key, child)
    elif key not in OWN_KEYS and not key.startswith("x-"):
        hint = f"'{key}' belongs at the top of the file" if key in _OF_THE_TOP else node.suggest(key, _KNOWN)
        if hint is None and "use" in node.value:
            hint = f"a parameter of the template stands under 'with': {{{key}: …}}"
        node.unknown(key, _KNOWN, hint)
    return len(child.report.problems) == before


def _compose_kind(key: str, child: Node) -> None:
    """Compares a value with what Compose says of its kind."""
    value, kinds = child.value, KINDS[key]
    if value is None:
        if key not in NULL_MEANS_SOMETHING:
            hint = next((f"remove the key, or write {_EMPTY[kind]}" for kind in _EMPTY if kind in kinds), None)
            child.wrong_kind(_wanted(key), "write 'build: .'" if key == "build" else hint or "remove the key")
    elif isinstance(value, dict):
        if "mapping" in kinds or key == "ports":
            _entries(key, child)
        else:
            child.wrong_kind(_wanted(key))
    elif isinstance(value, list):
        if "list" in kinds:
            _items(key, child)
        else:
            child.wrong_kind(_wanted(key))
    elif "scalar" not in kinds:
        listed = "list" in kinds and key != "ports" and isinstance(value, str)
        number = key == "ports" and text(value).isdigit()
        child.wrong_kind(
            _wanted(key),
            f"write [{without_secrets(value)}]" if listed else f"write {{http: {value}}}" if number else None,
        )
    elif key in ("image", "build") and not text(value).strip():
        child.problem("DE204", "is empty")


def _entries(key: str, child: Node) -> None:
    if key in SCALAR_VALUES:
        for _, one in child.children():
            _scalar(one)
    elif f"service.{key}.*" in ORDER and key != "ports":
        for _, one in child.children():
            if isinstance(one.value, dict):
                _misspelt(one, f"service.{key}.*")
    elif key != "ports":
        _misspelt(child, f"service.{key}")


def _items(key: str, child: Node) -> None:
    for item in child.items():
        if isinstance(item.value, dict) and key in MAPPING_ITEMS:
            _misspelt(item, f"service.{key}.*")
        else:
            _scalar(item, may_be_empty=False, hint=_assignment(item.value) if key in SCALAR_VALUES else None)


def _scalar(node: Node, *, may_be_empty: bool = True, hint: str | None = None) -> None:
    if isinstance(node.value, dict | list) or (node.value is None and not may_be_empty):
        node.wrong_kind("text", hint)


def _assignment(value: Any) -> str | None:
    """What `- A: 1` was to be."""
    pairs = list(value.items()) if isinstance(value, dict) and len(value) == 1 else []
    written = [f"{name}={text(one)}" for name, one in pairs if not isinstance(one, dict | list)]
    return f"write '- {written[0]}', or take the '-' away from all of them" if written else None


def _wanted(key: str) -> str:
    if key == "ports":
        return "a mapping of names to ports, or Compose's list"
    names = {"scalar": "a single value", "list": "a list", "mapping": "a mapping"}
    return " or ".join(names[kind] for kind in names if kind in KINDS[key])


def _misspelt(node: Node, kind: str) -> None:
    """A key that Compose does not know and that looks like one it knows; Compose judges all others."""
    for key in node.value if kind in ORDER else ():
        if key not in ORDER[kind] and not key.startswith("x-") and (hint := node.suggest(key, ORDER[kind])):
            node.unknown(key, ORDER[kind], hint)


def _source(node: Node, children: dict[str, Node]) -> None:
    if "use" in children and "build" in children:
        children["build"].problem("DE207", "'use' and 'build' exclude each other", "keep one of them", of_key=True)
    elif not {"use", "image", "build", "extends", "provider"} & set(children):
        node.problem("DE207", "nothing says what the service runs", _SOURCES, of_key=True)
    if "with" in children and "use" not in children:
        children["with"].problem("DE219", "'with' sets a template's parameters, and there is no 'use'", of_key=True)
    job = children["job"].meant if "job" in children else False
    if "inputs" in children and "use" not in children and (job is None or job is False):
        message = "'inputs' says when a job runs again, and this service is none"
        hint = "write them into 'setup': {run: […], inputs: […]}" if "setup" in children else "add 'job: true'"
        children["inputs"].problem("DE218", message, hint, of_key=True)
    if "provision" in children and job is True:
        message = "'provision' is for a service that runs, and this one is a job"
        children["provision"].problem("DE219", message, "put the commands into a job that needs this one", of_key=True)
    if "ready" in children and "healthcheck" in children:
        message = "'ready' becomes the health check, and there is a 'healthcheck' too"
        children["ready"].problem("DE219", message, "keep one of the two", of_key=True)


def _use(node: Node) -> str | None:
    hint = "write 'postgres' or 'postgres@17'"
    if isinstance(node.value, dict) and "template" in node.value:
        hint = "write 'use: NAME@VERSION'"
    use = node.text("a template's name", hint)
    if use is not None and not _USE.fullmatch(use):
        node.problem("DE205", f"{quoted(use)} is no name of a template", hint)
        return None
    return use


def _with(children: dict[str, Node]) -> Map:
    node = children.get("with")
    if node is None or node.value is None:
        return Map()
    return node.mapping("a mapping of parameters") or Map()


def _compose(data: Map, without: Collection[str]) -> Map:
    """Compose's keys, in the order written; `ports` is among them when it is Compose's list."""
    kept = {key: value for key, value in data.items() if key not in without}
    return like(data, ((key, value) for key, value in kept.items() if key in SERVICE_KEYS or key.startswith("x-")))
