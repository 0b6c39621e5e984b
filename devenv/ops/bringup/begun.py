"""With what jobs were started, in `.devenv/begun.json`: what one that ended while nobody looked has succeeded with.

A file of its own, for the state is written by whoever makes containers meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from threading import Lock

from devenv.core.planning import jobs
from devenv.engine.protocols import Project
from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.model.plan import Facts, JobRun
from devenv.model.stack import Service, Stack
from devenv.ops.bringup import applied
from devenv.records import replace

_FILE = ".devenv/begun.json"


def read(project: Project) -> dict[str, JobRun]:
    """Containers of jobs, by their ids, and with what each was started last; empty when it is missing or damaged."""
    try:
        data = json.loads(project.read(_FILE)) if project.exists(_FILE, "file") else {}
    except (DevenvError, ValueError, RecursionError):
        return {}
    entries = data.items() if isinstance(data, dict) else ()
    return {key: applied.run_of(run) for key, run in entries if isinstance(run, dict)}


class Beginnings:
    """Remembers the starts of one `up`, from any thread. `facts` are those that its plan rests on."""

    def __init__(self, world: World, stack: Stack, facts: Facts, project: str) -> None:
        self._world, self._stack, self._facts, self._project = world, stack, facts, project
        self._lock = Lock()
        self._begun = dict(facts.begun)
        self.runs: dict[str, JobRun] = {}
        """With what jobs were started, by their names."""

    def look(self, service: Service, ids: Sequence[str]) -> None:
        """Notes what a job works with whose containers `ids` are about to be started. Where none of them has run
        before, it is written down at once: what ends well later can only be this start."""
        project, name = self._world.project, service.name
        containers = tuple(self._world.daemon.containers(self._project))
        current = applied.values(project, self._stack, [name], project.environment())
        volumes = self._world.daemon.volume_times(self._project)
        now = replace(self._facts, containers=containers, current=current, volumes=volumes)
        image = next((c.image_id for c in containers if c.service == name and not c.oneoff), "")
        self.runs[name] = jobs.run_of(self._stack, name, now, {}, image)
        if all(c.state == "created" for c in containers if c.id in ids):
            self.keep(service, ids)

    def keep(self, service: Service, ids: Sequence[str]) -> None:
        """Writes it down, after the job's containers have been started anew: a start that is not remembered is
        repeated, while one that is remembered and did not happen would never be made up for."""
        with self._lock:
            self._begun |= dict.fromkeys(ids, self.runs[service.name])
            text = json.dumps({key: applied.written_run(run) for key, run in self._begun.items()}, sort_keys=True)
            self._world.project.write(_FILE, text + "\n", private=True)
