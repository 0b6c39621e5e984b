"""Stacks of this folder under names that the manifest had before: who changes `name:` has two, and is told."""

from __future__ import annotations

from collections.abc import Collection

from devenv.engine.protocols import Project
from devenv.engine.world import World
from devenv.ops.checkouts import FOLDER, home

_FORMER = "former"  # where the names are in `.devenv/state.json`
_MANIFEST = "dev.devenv.manifest"


def former(project: Project, now: str) -> list[str]:
    """The Compose projects that `up` was about before it was about `now`, as far as they are not known to be gone."""
    state = project.state()
    listed = state.get(_FORMER)
    names = [*(listed if isinstance(listed, list) else ()), state.get("project")]
    return [name for name in dict.fromkeys(names) if isinstance(name, str) and name not in ("", now)]


def left_behind(world: World, now: str) -> dict[str, str]:
    """What to say of each of them that still has containers of this folder and manifest, by its name: one request for
    each name, and none where the name has always been the same."""
    found = {}
    for name in former(world.project, now):
        ours = [
            container
            for container in world.daemon.containers(name)
            if container.labels.get(FOLDER) == home(world.project)
            and container.labels.get(_MANIFEST, "").rpartition("/")[2] == world.project.manifest.rpartition("/")[2]
        ]
        if ours:
            doing = "is still up" if any(container.state == "running" for container in ours) else "still has containers"
            found[name] = (
                f"'{name}', as this stack was called before, {doing}: "
                f"`docker compose -p {name} down --remove-orphans` ends it and keeps its volumes"
            )
    return found


def keep(project: Project, names: Collection[str]) -> None:
    """Remembers those that are still there."""
    state = project.state()
    if state.get(_FORMER, []) != list(names):
        project.save_state({**state, _FORMER: list(names)})
