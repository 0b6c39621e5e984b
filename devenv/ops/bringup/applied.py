"""What the last `up` did on this machine, in `.devenv/state.json`: values by which a change is seen, and jobs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from devenv.core.planning import definition
from devenv.engine import dotenv
from devenv.engine.protocols import Project
from devenv.errors import DevenvError
from devenv.model.plan import JobRun, Leaf, Leaves, Resource
from devenv.model.stack import Stack
from devenv.ops.bringup import mounted
from devenv.records import field, frozen, replace

_KINDS = ("list", "secret", "long")
_SHARED: tuple[Literal["network", "volume"], ...] = ("network", "volume")


@frozen
class Applied:
    """`services` are those that were to be up, `values` what each one's container was created with, `made` the same of
    networks and volumes, `jobs` those that succeeded. Containers of services that are `unfinished` may be made with
    `values` or with others, and there may be two: they were being made anew."""

    project: str = ""
    services: tuple[str, ...] = ()
    values: Mapping[str, Leaves] = field(default_factory=dict)
    jobs: Mapping[str, JobRun] = field(default_factory=dict)
    made: Mapping[Resource, Leaves] = field(default_factory=dict)
    unfinished: frozenset[str] = frozenset()


def read(project: Project) -> Applied:
    """What `.devenv/state.json` says; empty when it is missing or damaged."""
    state = project.state()
    name = state.get("project")
    return Applied(
        name if isinstance(name, str) else "",
        _names(state.get("services")),
        {key: _leaves(value) for key, value in _mapping(state.get("applied")).items() if isinstance(value, dict)},
        {key: run_of(value) for key, value in _mapping(state.get("jobs")).items() if isinstance(value, dict)},
        {
            (kind, name): _leaves(value)
            for kind in _SHARED
            for name, value in _mapping(_mapping(state.get("made")).get(kind)).items()
            if isinstance(value, dict)
        },
        frozenset(_names(state.get("unfinished"))),
    )


def write(project: Project, applied: Applied) -> None:
    """Saves it; a file that says the same already is left alone."""
    state: dict[str, object] = dict(project.state())
    state |= {
        "project": applied.project,
        "services": sorted(applied.services),
        "applied": {name: _written(values) for name, values in applied.values.items()},
        "made": {
            kind: {name: _written(values) for (of, name), values in applied.made.items() if of == kind}
            for kind in _SHARED
        },
        "jobs": {name: written_run(run) for name, run in applied.jobs.items()},
        "unfinished": sorted(applied.unfinished),
    }
    project.save_state(state)


def forget(project: Project) -> None:
    """After `down`: nothing is wanted and nothing is applied. The name stays, for a later `down --volumes`, and so do
    the jobs that succeeded: what they did is in the data that is still there. So are the volumes."""
    if (applied := read(project)).project:
        volumes = {key: values for key, values in applied.made.items() if key[0] == "volume"}
        write(project, replace(applied, services=(), values={}, made=volumes, unfinished=frozenset()))


def values(
    project: Project, stack: Stack, names: Iterable[str], variables: Mapping[str, str]
) -> dict[str, dict[str, Leaf]]:
    """Each service's definition with today's variables, and digests of its files of variables and of mounted files."""
    found = {}
    for name in names:
        service = stack.services[name]
        files = {path: _content(project, path, variables) for path in definition.env_files(service)}
        found[name] = definition.leaves(stack, service, variables, files)
        found[name] |= mounted.leaves(project, stack, service, variables)
    return found


def _content(project: Project, path: str, variables: Mapping[str, str]) -> str:
    """A digest of a file of variables, which Compose reads when it makes a container, and of what it makes of those
    that the file refers to."""
    try:
        if not project.exists(path, "file"):
            return "missing"
        text = project.read(path)
        filled = dotenv.parse(text, variables.get)
        content = text if filled == dotenv.parse(text) else json.dumps([text, filled])
        return hashlib.sha256(content.encode()).hexdigest()[:16]
    except DevenvError:
        return "unreadable"  # Compose will say so


def _written(values: Leaves) -> dict[str, object]:
    return {key: leaf.text if leaf.kind == "text" else _kept(leaf) for key, leaf in values.items()}


def _kept(leaf: Leaf) -> dict[str, str]:
    kept: dict[str, str] = {leaf.kind: leaf.text}
    return kept | {"items": leaf.items} if leaf.items else kept


def _leaves(data: Mapping[str, Any]) -> dict[str, Leaf]:
    found = {}
    for key, value in data.items():
        if isinstance(value, str):
            found[key] = Leaf(value)
        for kind in _KINDS if isinstance(value, dict) else ():
            if isinstance(value.get(kind), str):
                items = value.get("items")
                found[key] = Leaf(value[kind], kind, items if isinstance(items, str) else "")  # type: ignore[arg-type]
    return found


def written_run(run: JobRun) -> dict[str, object]:
    """For a file, in JSON."""
    return {"definition": run.definition, "image": run.image, "inputs": dict(run.inputs), "data": dict(run.data)}


def run_of(data: Mapping[str, Any]) -> JobRun:
    """From what `written_run` gave; what is damaged in it is empty."""
    texts = [data.get(key) if isinstance(data.get(key), str) else "" for key in ("definition", "image")]
    return JobRun(str(texts[0]), str(texts[1]), _texts(data.get("inputs")), _texts(data.get("data")))


def _names(data: object) -> tuple[str, ...]:
    return tuple(name for name in data if isinstance(name, str)) if isinstance(data, list) else ()


def _texts(data: object) -> dict[str, str]:
    return {key: value for key, value in _mapping(data).items() if isinstance(value, str)}


def _mapping(data: object) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}
