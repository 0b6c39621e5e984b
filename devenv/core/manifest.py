"""Raw data → Manifest: every problem of its shape in one run, each with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from devenv.core.compose_keys import ORDER, TOP_KEYS, like
from devenv.core.merge import settle
from devenv.core.node import Node, kind_of, quoted
from devenv.core.readiness import read_check
from devenv.core.service_spec import load_service, read_service
from devenv.errors import Mark, Report
from devenv.model.data import Data, Map, Plain, text
from devenv.model.manifest import FORMATS, Check, Manifest, ServiceSpec

__all__ = ["load", "load_service", "project_name"]

_OWN = ("devenv", "name", "services", "modes", "checks")
_LATER = {
    "catalogs": "this release reads its built-in templates only",
    "include": "merge the other file into this one, or into devenv.local.yaml",
}
_RESOURCES = ("networks", "volumes", "configs", "secrets", "models")
_KNOWN = (*_OWN, *_LATER, *_RESOURCES)
_SECRET_LATER = ("from", "description", "help")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SERVICE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")
_LONGEST_NAME = 63  # a service's name is a host name on the stack's network


def load(data: Data, file: str, report: Report, *, default_name: str | None = None) -> Manifest | None:
    """The manifest in `data` (of `core.source.parse`, or merged), checked as far as it can be checked by itself.

    Every problem goes to `report`. What is wrong is left out of the result, so that the next steps can look at the
    rest; None when there is nothing to go on with. `default_name` is the project's name when the file has none.
    """
    data = settle(data)
    if not isinstance(data, Map):
        what = "the file is empty" if data is None else f"a manifest is a mapping, not {kind_of(data)}"
        hint = "put a space after each ':'" if isinstance(data, str) and re.match(r"[\w-]+:\S", data) else _START
        report.add("DE201", what, getattr(data, "mark", None) or Mark(file, 1, 1), hint=hint)
        return None
    root = Node(data, "", report, Mark(file, 1, 1))
    if not _format(root):
        return None
    for key in data:
        _known(root, key)
    services = _services(root)
    if services is None:
        return None
    return Manifest(
        format=1,
        name=_name(root, default_name),
        services=services,
        modes=_modes(root.child("modes"), services) if data.get("modes") is not None else {},
        checks=_checks(root.child("checks"), services) if data.get("checks") is not None else {},
        compose=_compose(root),
        source=data,
        file=file,
    )


_START = "start it with the line 'devenv: 1'; `devenv init` writes a first one"


def project_name(folder: str) -> str:
    """A name for the project from that of its folder: in Compose's characters, and never empty."""
    name = re.sub(r"[^a-z0-9_-]+", "-", _ascii(folder).lower()).strip("-_")
    return name or "stack"


def _ascii(name: str) -> str:
    """A name without its accents."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _format(root: Node) -> bool:
    """Reports a missing or unknown format; False when this release cannot read the file."""
    data = root.value
    versions = " or ".join(map(str, FORMATS))
    if "devenv" not in data:
        if not _misspelt(root, "devenv"):
            hint = "add the line 'devenv: 1' to make this Compose file a manifest" if "services" in data else _START
            root.problem("DE202", "the line 'devenv: 1' is missing", hint)
        return True
    node = root.child("devenv")
    value = node.value.value if isinstance(node.value, Plain) else node.value
    if isinstance(value, int) and not isinstance(value, bool) and value in FORMATS:
        return True
    if text(value) in {*map(str, FORMATS), *(f"{number}.0" for number in FORMATS)}:
        node.problem("DE202", "the format is a whole number", "write 'devenv: 1'")
        return True
    if value is None or isinstance(value, dict | list):
        message = f"takes the number of a format, not {kind_of(value)}"
    else:
        message = f"the format {quoted(text(value))} is not known; this release reads format {versions}"
    node.problem("DE202", message, "write 'devenv: 1'", of_key=value is None)
    return False


def _misspelt(root: Node, wanted: str) -> bool:
    """Whether a key that is missing stands there in another spelling, which is reported as an unknown key."""
    unknown = [key for key in root.value if key not in _KNOWN][:100]
    return any(root.suggest(key, _KNOWN) == f"did you mean '{wanted}'?" for key in unknown)


def _known(root: Node, key: str) -> None:
    child = root.child(key)
    if key in _LATER:
        child.problem("DE213", f"this release does not have '{key}' yet", _LATER[key], of_key=True)
    elif key == "version":
        child.problem("DE218", "'version' is obsolete in Compose, and left out", of_key=True, warning=True)
    elif key in _RESOURCES:
        _resources(key, child)
    elif key not in _OWN and key not in TOP_KEYS and not key.startswith("x-"):
        is_service = isinstance(child.value, dict) and {"image", "build", "use"} & set(child.value)
        root.unknown(key, _KNOWN, "services stand under 'services'" if is_service else None)


def _name(root: Node, default: str | None) -> str:
    if root.value.get("name") is None:
        if "name" in root.value or default is None:
            missing = root.child("name") if "name" in root.value else root
            missing.problem("DE217", "the stack has no name", "write 'name: shop'", of_key=True)
        return default or "stack"
    node = root.child("name")
    name = node.text("a name")
    if name is None:
        return default or "stack"
    if not _PROJECT.fullmatch(name) or len(name) > _LONGEST_NAME:
        message = f"{quoted(name)} is no name of a stack: lower-case letters, digits, '-' and '_'"
        node.problem("DE205", message, f"write 'name: {project_name(name)[:_LONGEST_NAME]}'")
        return default or "stack"
    return name


def _services(root: Node) -> dict[str, ServiceSpec] | None:
    if root.value.get("services") is None:
        if "services" in root.value:
            root.child("services").problem("DE215", "there are no services", of_key=True)
        elif not _misspelt(root, "services"):
            root.problem("DE217", "'services' is missing", "list the services under it")
        return None
    node = root.child("services")
    data = node.mapping("a mapping of names to services", "write each service as 'NAME:', with its keys below")
    if data is None:
        return None
    if not data:
        node.problem("DE215", "there are no services", of_key=True)
        return None
    services = {}
    for name, child in node.children():
        if _service_name(name, child):
            services[name] = read_service(child, data)
    return services


def _service_name(name: str, child: Node) -> bool:
    if _SERVICE.fullmatch(name) and len(name) <= _LONGEST_NAME:
        return True
    wanted = (
        "letters, digits, '.', '-' and '_'" if len(name) <= _LONGEST_NAME else f"at most {_LONGEST_NAME} characters"
    )
    near = re.sub(r"[^a-zA-Z0-9._-]+", "-", _ascii(name)).strip("-._")[:_LONGEST_NAME]
    hint = f"write '{near}'" if near else None
    child.problem("DE205", f"{quoted(name)} is no name of a service: {wanted}", hint, of_key=True)
    return False


def _modes(node: Node, services: Collection[str]) -> dict[str, tuple[str, ...]]:
    modes: dict[str, tuple[str, ...]] = {}
    if node.mapping("a mapping of modes to lists of services") is None:
        return modes
    for name, child in node.children():
        if not _SERVICE.fullmatch(name):
            message = f"{quoted(name)} is no name of a mode: letters, digits, '.', '-' and '_'"
            child.problem("DE205", message, of_key=True)
            continue
        members = child.names("a list of services")
        if members is None:
            continue
        if not child.value:
            child.problem("DE204", "the mode has no services")
        for member, item in members:
            if member not in services:
                item.problem("DE206", f"there is no service {quoted(member)}", item.suggest(member, services))
        modes[name] = tuple(member for member, _ in members if member in services)
    return modes


def _checks(node: Node, services: Collection[str]) -> dict[str, Check]:
    checks: dict[str, Check] = {}
    if node.mapping("a mapping of names to checks") is not None:
        for name, child in node.children():
            if (check := read_check(child, services)) is not None:
                checks[name] = check
    return checks


def _resources(kind: str, node: Node) -> None:
    """The entries of `networks`, `volumes` and the like: their kinds, and keys that are misspelt."""
    if node.value is None or node.mapping(f"a mapping of names to {kind}") is None:
        return
    order = ORDER[f"{kind}.*"]
    for name, child in node.children():
        if not _SERVICE.fullmatch(name):
            child.problem("DE205", f"{quoted(name)} is no name: letters, digits, '.', '-' and '_'", of_key=True)
        if child.value is None:
            if kind in ("configs", "secrets", "models"):
                child.wrong_kind("a mapping")
            continue
        if child.mapping() is None:
            continue
        for key in child.value:
            if kind == "secrets" and key in _SECRET_LATER:
                hint = "say where it comes from with Compose's own 'file' or 'environment'"
                child.child(key).problem("DE213", f"this release does not have '{key}' yet", hint, of_key=True)
            elif key not in order and not key.startswith("x-") and (near := node.suggest(key, order)):
                child.unknown(key, order, near)


def _compose(root: Node) -> Map:
    """Compose's own top-level keys, without those that are empty."""
    entries = ((key, value) for key, value in root.value.items())
    return like(root.value, ((k, v) for k, v in entries if (k in _RESOURCES and isinstance(v, dict)) or k[:2] == "x-"))
