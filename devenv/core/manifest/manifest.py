"""Raw data → Manifest: every problem of its shape in one run, each with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from devenv.core.compose.interpolate import interpolate
from devenv.core.compose.keys import ORDER, TOP_KEYS, like
from devenv.core.compose.merge import settle
from devenv.core.manifest.catalog_specs import read_catalogs
from devenv.core.manifest.contracts import read_contracts
from devenv.core.manifest.names import LONGEST, SERVICE, ascii_of, service_name
from devenv.core.manifest.node import Node, kind_of, quoted
from devenv.core.manifest.readiness import read_check
from devenv.core.manifest.service_spec import load_service, read_service
from devenv.core.practices.expand import SWITCHES, expand
from devenv.errors import DevenvError, Mark, Report
from devenv.model.data import Data, Map, text
from devenv.model.manifest import FORMATS, Check, Included, Manifest, ServiceSpec
from devenv.records import replace

__all__ = ["check_top", "compose_name", "load", "load_service", "project_name"]

_OWN = ("devenv", "name", "catalogs", "include", "services", "modes", "checks", "contracts", *SWITCHES)
_RESOURCES = ("networks", "volumes", "configs", "secrets", "models")
_KNOWN = (*_OWN, *_RESOURCES)
_SECRET_LATER = ("from", "description", "help")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_RESOURCE = re.compile(r"[a-zA-Z0-9._-]+")


def load(
    data: Data,
    file: str,
    report: Report,
    *,
    default_name: str | None = None,
    included: Mapping[str, Included] | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Manifest | None:
    """The manifest in `data` (of `core.yaml.source.parse`, or merged), checked as far as it can be checked by itself.

    Every problem goes to `report`. What is wrong is left out of the result, so that the next steps can look at the
    rest; None when there is nothing to go on with. `default_name` is the project's name when the file has none;
    `included` tells of the services that came from other files; `variables` are for those in the name, as Compose has
    them there.
    """
    data = settle(data)
    if data is None and any(problem.mark and problem.mark.file == file for problem in report.errors):
        return None  # it is not empty: it could not be read, as was told
    if not isinstance(data, Map):
        what = "the file is empty" if data is None else f"a manifest is a mapping, not {kind_of(data)}"
        hint = "put a space after each ':'" if isinstance(data, str) and re.match(r"[\w-]+:\S", data) else _START
        report.add("DE201", what, getattr(data, "mark", None) or Mark(file, 1, 1), hint=hint)
        return None
    root = Node(data, "", report, data.mark or Mark(file, 1, 1))
    if not _format(root):
        return None
    for key in data:
        _known(root, key)
    written = _written_services(root)
    if written is None:
        return None
    name = _name(root, default_name, variables)
    expanded = expand(root, name)
    services = _services(written, expanded.services)
    for service, facts in (included or {}).items():
        if service in services:
            services[service] = replace(services[service], included=facts)
    return Manifest(
        format=1,
        name=name,
        name_written=text(data["name"]) if "$" in text(data.get("name")) else None,
        services=services,
        modes=_modes(root.child("modes"), services) if data.get("modes") is not None else {},
        checks=_checks(root.child("checks"), services) if data.get("checks") is not None else {},
        contracts=read_contracts(root.child("contracts"), services) if "contracts" in data else None,
        added=expanded.added,
        along=expanded.along,
        catalogs=read_catalogs(root.child("catalogs")) if "catalogs" in data else (),
        compose=_compose(root),
        source=data,
        file=file,
    )


def check_top(data: Map, file: str, report: Report, *, compose: bool) -> bool:
    """Checks the format and the top-level keys of an included file, a plain Compose file when `compose`; False when
    this release cannot read it."""
    root = Node(data, "", report, data.mark or Mark(file, 1, 1))
    if not compose and not _format(root):
        return False
    for key in data:
        if key in (*SWITCHES, "contracts"):
            hint = "write it in the including manifest, which has one for the whole stack"
            root.child(key).problem("DE218", "has no effect in an included file", hint, of_key=True, warning=True)
        elif key not in ("services", "modes", "checks", *_RESOURCES):  # these are looked at with the rest
            _known(root, key)
    return True


_START = "start it with the line 'devenv: 1'; `devenv init` writes a first one"


def project_name(folder: str) -> str:
    """A name for the project from that of its folder: in Compose's characters, and never empty."""
    name = re.sub(r"[^a-z0-9_-]+", "-", ascii_of(folder).lower()).strip("-_")
    return name or "stack"


def compose_name(folder: str) -> str:
    """The name that Compose gives a project in a folder: what its volumes are called after."""
    return re.sub(r"[^a-z0-9_-]", "", folder.lower()).lstrip("_-") or "stack"


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
    value = node.meant
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
    if key == "version":
        child.problem("DE218", "'version' is obsolete in Compose, and left out", of_key=True, warning=True)
    elif key in _RESOURCES:
        _resources(key, child)
    elif key not in _OWN and key not in TOP_KEYS and not key.startswith("x-"):
        is_service = isinstance(child.value, dict) and {"image", "build", "use"} & set(child.value)
        root.unknown(key, _KNOWN, "services stand under 'services'" if is_service else None)


def _name(root: Node, default: str | None, variables: Mapping[str, str]) -> str:
    if root.value.get("name") is None:
        if "name" in root.value or default is None:
            missing = root.child("name") if "name" in root.value else root
            missing.problem("DE217", "the stack has no name", "write 'name: shop'", of_key=True)
        return default or "stack"
    node = root.child("name")
    name = node.text("a name")
    if name is None:
        return default or "stack"
    try:
        name = interpolate(name, variables)
    except DevenvError as error:
        node.problem("DE260", error.problems[0].message, error.problems[0].hint)
        return default or "stack"
    if not _PROJECT.fullmatch(name) or len(name) > LONGEST:
        message = f"{quoted(name)} is no name of a stack: lower-case letters, digits, '-' and '_'"
        node.problem("DE205", message, f"write 'name: {project_name(name)[:LONGEST]}'")
        return default or "stack"
    return name


def _written_services(root: Node) -> Node | None:
    """Where the services are listed; None, with the problem reported, when nothing is. An empty list is a stack that
    starts nothing, which Compose takes as well."""
    if root.value.get("services") is None:
        if "services" in root.value:
            root.child("services").problem("DE215", "there are no services", of_key=True)
        elif root.holds_only((*_KNOWN, *TOP_KEYS)):
            root.problem("DE217", "'services' is missing", "list the services under it")
        return None
    node = root.child("services")
    data = node.mapping("a mapping of names to services", "write each service as 'NAME:', with its keys below")
    if data is not None and not data:
        node.problem("DE215", "there are no services, so nothing is started", of_key=True, warning=True)
    return None if data is None else node


def _services(written: Node, expanded: Map) -> dict[str, ServiceSpec]:
    """The services as they are with what the switches (`observability`, `flags`) stand for."""
    services = {}
    for name, child in replace(written, value=expanded).children():
        if service_name(name, child):
            services[name] = read_service(child, expanded)
    return services


def _modes(node: Node, services: Collection[str]) -> dict[str, tuple[str, ...]]:
    modes: dict[str, tuple[str, ...]] = {}
    if node.mapping("a mapping of modes to lists of services") is None:
        return modes
    for name, child in node.children():
        if not SERVICE.fullmatch(name):
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
        if not _RESOURCE.fullmatch(name):
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
