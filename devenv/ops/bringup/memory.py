"""What an `up` rested on, in `.devenv/state.json`, so that the next one can tell that nothing has changed.

An `up` is a function of files, variables and containers. When all of these are as they were when one found nothing to
do, there is nothing to do. This module notices whether they are, and imports nothing that reads manifests.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devenv import __version__
from devenv.core.compose.dockerignore import Ignore
from devenv.engine.protocols import Project
from devenv.errors import DevenvError, Mark, Problem
from devenv.ops.bringup.witness import Seen
from devenv.ops.images.trees import look
from devenv.records import fields, frozen

if TYPE_CHECKING:
    from devenv.model.observed import Container

KEY = "remembered"
"""Where it is in the state."""

_FORMAT = 2
_RUNS = 8  # different command lines that are remembered
_OUTSIDE = ("COMPOSE_", "DOCKER_", "BUILDX_", "BUILDKIT_", "DEVENV_")  # variables that count whoever refers to them
_YOUNG = re.compile(r"Up (Less than a second|\d seconds?)\b")
_PACKAGE = Path(__file__).parents[2]


@frozen
class Run:
    """What one command line came to: services with their needs, why each is kept, URLs; all for the view's events.

    `restarting` are services that the engine starts again when they end, `joining` those in others' namespaces;
    `trees` are folders that images are built from, with what stands for their files; `containers` stands for all of
    the project's containers.
    """

    services: tuple[tuple[str, tuple[str, ...]], ...]
    kept: tuple[tuple[str, str], ...]
    urls: tuple[tuple[str, str, str], ...]
    trees: tuple[tuple[str, str, str], ...]
    containers: str
    restarting: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()

    def doubts(self, containers: Iterable[Container]) -> bool:
        """Whether one may have ended and been started again since."""
        return any(young(c) and c.service in self.restarting for c in containers)

    def same_trees(self, project: Project) -> bool:
        """Whether images would be built from the same files."""
        return all(look(project, (folder, dockerfile)) == said for folder, dockerfile, said in self.trees)

    def written(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in fields(self)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Run:
        """From what `written` gave. Raises KeyError, TypeError and ValueError for anything else."""
        return cls(
            tuple((str(name), tuple(map(str, needs))) for name, needs in data["services"]),
            tuple((str(name), str(reason)) for name, reason in data["kept"]),
            tuple((str(service), str(name), str(url)) for service, name, url in data["urls"]),
            tuple((str(folder), str(dockerfile), str(said)) for folder, dockerfile, said in data["trees"]),
            str(data["containers"]),
            tuple(map(str, data["restarting"])),
            tuple(map(str, data["joining"])),
        )


@frozen
class Memory:
    """A stack as it was resolved last, and from what. `services` are facts for `status`, see `ops.status`; `warnings`
    those about the manifest; `variables` the names of those that count, `templates` folders of templates."""

    stack: str
    project: str
    seen: Seen
    templates: Mapping[str, str]
    variables: tuple[str, ...]
    environment: str
    warnings: tuple[Problem, ...]
    services: tuple[Mapping[str, Any], ...]
    runs: Mapping[str, Run]

    def same(self, project: Project) -> bool:
        """Whether the stack would come out the same today."""
        return (
            self.seen.same(project)
            and all(project.tree(folder, Ignore()) == said for folder, said in self.templates.items())
            and environment(project, self.variables) == self.environment
        )

    def run(self, names: Sequence[str], mode: str | None) -> Run | None:
        """What `up` with these arguments came to."""
        return self.runs.get(_key(names, mode))

    def with_run(self, names: Sequence[str], mode: str | None, run: Run) -> dict[str, Run]:
        """The runs with this one, which is the youngest."""
        others = {key: one for key, one in self.runs.items() if key != _key(names, mode)}
        return dict([*list(others.items())[1 - _RUNS :], (_key(names, mode), run)])


def recall(project: Project) -> Memory | None:
    """What is remembered, if all of it still holds; None when anything has changed or is in doubt."""
    data = project.state().get(KEY)
    try:
        if not isinstance(data, dict) or data["stamp"] != stamp(project):
            return None
        memory = _read(data)
        return memory if memory.same(project) else None
    except (DevenvError, KeyError, TypeError, ValueError, AttributeError):
        return None


def save(project: Project, memory: Memory) -> None:
    """Keeps it for the next run."""
    data = {
        "stamp": stamp(project),
        "stack": memory.stack,
        "project": memory.project,
        "seen": memory.seen.written(),
        "templates": dict(memory.templates),
        "variables": list(memory.variables),
        "environment": memory.environment,
        "warnings": [_written(problem) for problem in memory.warnings],
        "services": list(memory.services),
        "runs": {key: run.written() for key, run in memory.runs.items()},
    }
    project.save_state({**project.state(), KEY: data})


def forget(project: Project) -> None:
    """Nothing is remembered any more."""
    state = dict(project.state())
    if state.pop(KEY, None) is not None:
        project.save_state(state)


def stamp(project: Project) -> str:
    """This devenv and this checkout. An installed devenv is another one when its folder is made anew; in its own
    repository every file counts, which takes some milliseconds."""
    developed = (_PACKAGE.parent / "pyproject.toml").exists()
    own = project.tree(str(_PACKAGE), Ignore("**/__pycache__")) if developed else _PACKAGE.stat().st_mtime_ns
    return _short([_FORMAT, __version__, sys.version, own, str(project.root), project.manifest])


def environment(project: Project, names: Iterable[str]) -> str:
    """Stands for the values of these variables, and of all that Docker, Compose and devenv read by themselves."""
    values = project.environment()
    chosen = {name: values.get(name) for name in names}
    return _short(sorted((chosen | {n: v for n, v in values.items() if n.startswith(_OUTSIDE)}).items()))


def young(container: Container) -> bool:
    """Whether a listed container without a health check has run for less than ten seconds, after which the engine
    itself takes it for one that stays up."""
    return container.state == "running" and container.health == "none" and bool(_YOUNG.match(container.status))


def fingerprint(containers: Iterable[Container]) -> str:
    """Stands for which containers there are, how they are, on which networks, and whether their images' names still
    mean these."""
    return _short(sorted(_seen(c) for c in containers if not c.oneoff))


def _seen(c: Container) -> list[object]:
    code = -1 if c.exit_code is None else c.exit_code
    return [c.service, c.id, c.state, c.health, code, c.image, *sorted(c.networks)]


def _key(names: Sequence[str], mode: str | None) -> str:
    return json.dumps([list(names), mode])


def _short(data: object) -> str:
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()[:32]


def _read(data: Mapping[str, Any]) -> Memory:
    return Memory(
        str(data["stack"]),
        str(data["project"]),
        Seen.of(data["seen"]),
        dict(data["templates"]),
        tuple(data["variables"]),
        str(data["environment"]),
        tuple(_problem(one) for one in data["warnings"]),
        tuple(data["services"]),
        {str(key): Run.of(run) for key, run in data["runs"].items()},
    )


def _written(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in fields(problem)}


def _problem(data: Mapping[str, Any]) -> Problem:
    mark = Mark(*data["mark"]) if data["mark"] else None
    return Problem(**{**data, "mark": mark, "evidence": tuple(data["evidence"])})
