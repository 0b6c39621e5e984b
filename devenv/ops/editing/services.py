"""`devenv add` and `devenv remove`: a service from a template comes into the manifest, or a service goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from devenv.core.edit import APPEND, Change, Path, change, path_text
from devenv.core.manifest.node import quoted
from devenv.core.yaml.source import parse
from devenv.engine.world import World
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.data import Map, Seq, mark_of, text
from devenv.model.template import Template
from devenv.ops import catalog
from devenv.ops.catalogs import project_catalog
from devenv.ops.editing.manifest import Edited, edit, no_service
from devenv.ops.editing.values import read_value
from devenv.ops.load import load_stack

_TEXTS = ("string", "enum", "file", "directory", "size", "duration")


def add_service(
    world: World, use: str, name: str, with_: Sequence[str], needed_by: Sequence[str], *, dry: bool = False
) -> Edited:
    """A service `name` (or the template's name) that uses a template, with parameters `KEY=VALUE`; `needed_by` get it
    as a need. The version is written down, the default one where `use` names none.

    Raises DevenvError: DE301 no such template, DE704 the name is taken, DE710 a parameter without `=`, DE720 no such
    service in `needed_by`, and what `edit` raises.
    """
    template = catalog.template(project_catalog(world).catalog, use)
    wanted, _, version = use.partition("@")
    name = name or wanted.rpartition("/")[2]
    data = _manifest(world)
    services = _services(data)
    if name in services:
        hint = f"give it another name: `devenv add {use} --as NAME`"
        raise DevenvError.of("DE704", f"{world.project.manifest} has a service '{name}' already", hint=hint)
    for dependant in needed_by:
        _known(world, services, dependant)
    service: dict[str, Any] = {"use": f"{wanted}@{version or template.versions[0].version}"}
    if parameters := _parameters(template, with_):
        service["with"] = parameters
    file = world.project.manifest

    needs = (Change(*_need(services[dependant], dependant, name)) for dependant in needed_by)
    changes = [Change(("services", name), service), *needs]
    says = (f"service {name} is added, {service['use']}", *(f"{one} needs it" for one in needed_by))
    return edit(world, lambda written: change(written, changes, file=file), dry=dry, says=says)


def remove_service(world: World, name: str, *, cascade: bool = False, dry: bool = False) -> Edited:
    """Takes a service out of the manifest, and with `cascade` out of `needs`, `depends_on` and `modes` of others.

    Nothing that runs and no data is touched. Raises DevenvError: DE720 no such service, DE744 for each place that
    names the service while `cascade` is not given, and what `edit` raises (a reference `${name.output}` that stays).
    """
    data = _manifest(world)
    _known(world, _services(data), name)
    found = list(_naming(data, name))
    if found and not cascade:
        source = world.project.read(world.project.manifest).split("\n")
        hint = f"`devenv remove {name} --cascade` takes these out as well"
        problems = [_still(path, mark, name, source, hint) for path, mark in found]
        raise DevenvError(*Report.sorted(problems))
    kept = _volumes(world, name)
    file = world.project.manifest

    changes = [*(Change(path, emptied=True) for path, _ in reversed(found)), Change(("services", name))]
    says = [f"service {name} is removed", *(f"{path_text(path)} is removed" for path, _ in found)]
    for volume in kept:
        says.append(f"its data stays in the volume {volume}; `docker volume rm {volume}` deletes it")
    return edit(world, lambda written: change(written, changes, file=file), dry=dry, says=tuple(says))


def _manifest(world: World) -> Map:
    file = world.project.manifest
    report = Report()
    data = parse(world.project.read(file), file, report)
    report.raise_if_errors()
    return data if isinstance(data, Map) else Map()


def _services(data: Map) -> Map:
    services = data.get("services")
    return services if isinstance(services, Map) else Map()


def _known(world: World, services: Map, name: str) -> None:
    if name not in services:
        there = f"it has {', '.join(list(services)[:12])}" if services else "`devenv add` makes one"
        raise no_service(world, services, name, there)


def _parameters(template: Template, with_: Sequence[str]) -> dict[str, Any]:
    """`KEY=VALUE` as the template's types want it; a list may be given item by item."""
    result: dict[str, Any] = {}
    for written in with_:
        key, equals, value = written.partition("=")
        if not equals or not key:
            raise DevenvError.of("DE710", f"--with {quoted(written)}: write KEY=VALUE, as in --with database=shop")
        parameter = template.parameters.get(key)
        if parameter is None or parameter.type in _TEXTS:
            result[key] = value
        elif parameter.type == "list" and not value.startswith("["):
            result.setdefault(key, []).extend(item.strip() for item in value.split(",") if item.strip())
        else:
            result[key] = read_value(value)
    return result


def _need(service: Any, dependant: str, name: str) -> tuple[Path, Any]:
    """Where a need goes: into the mapping or list that is there, or a new list."""
    needs = service.get("needs") if isinstance(service, Map) else None
    path: Path = ("services", dependant, "needs")
    if isinstance(needs, Map):
        return (*path, name), Map()
    if isinstance(needs, Seq):
        return (*path, APPEND), name
    return path, [name]


def _naming(data: Map, name: str) -> Iterator[tuple[Path, Mark | None]]:
    """Every entry whose only matter is the service: in needs, depends_on and modes, in the file's order."""
    for service, spec in _services(data).items():
        if service != name and isinstance(spec, Map):
            for key in ("needs", "depends_on"):
                yield from _entries(spec.get(key), ("services", service, key), name)
    modes = data.get("modes")
    for mode, members in modes.items() if isinstance(modes, Map) else ():
        yield from _entries(members, ("modes", mode), name)


def _entries(value: Any, path: Path, name: str) -> Iterator[tuple[Path, Mark | None]]:
    if isinstance(value, Map) and name in value:
        yield (*path, name), mark_of(value, name, of_key=True)
    elif isinstance(value, Seq):
        for i, item in enumerate(value):
            if not isinstance(item, dict | list) and text(item) == name:
                yield (*path, i), mark_of(value, i)


def _still(path: Path, mark: Mark | None, name: str, source: list[str], hint: str) -> Problem:
    where = re.sub(r"\[\d+\]\Z", "", path_text(path)).removesuffix(f".{name}")
    excerpt = source[mark.line - 1].rstrip("\r") if mark is not None else None
    return Problem("DE744", f"{where} names '{name}'", mark, hint=hint, excerpt=excerpt)


def _volumes(world: World, name: str) -> list[str]:
    """The volumes that hold the service's data, by their names on the engine: those that are there, all where no
    engine says. None when the stack cannot be read."""
    try:
        stack = load_stack(world, Report(), paths=False).stack
    except DevenvError:
        return []
    project = world.project.settings().get("COMPOSE_PROJECT_NAME") or stack.name
    named = [f"{project}_{volume}" for volume in stack.services[name].data]
    try:
        there = world.daemon.volumes(project) if named else []
    except DevenvError:
        return named
    return [volume for volume in named if volume in there]
