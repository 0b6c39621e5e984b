"""Whether what an image was built from is still what is checked out: a walk over file times, and no build."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

from devenv.core.compose.interpolate import interpolate
from devenv.engine.protocols import Project
from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.model.data import text
from devenv.model.plan import Action, Plan
from devenv.model.stack import Service, Stack
from devenv.ops.bringup.facts import reference
from devenv.ops.images.trees import Tree, look

_BUILT = "built"  # in state.json: services → what their images were built from, and the ids of these


def built(project: Project) -> dict[str, str]:
    """What each service's image was built from when devenv last saw to it, and which one that was."""
    found = project.state().get(_BUILT)
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def remember(world: World, stack: Stack, digests: Mapping[str, str]) -> None:
    """Adds to it what the images that are there now were built from."""
    before = built(world.project)
    if (after := before | _with_images(world, stack, digests)) != before:
        world.project.save_state({**world.project.state(), _BUILT: after})


def digests(
    project: Project, stack: Stack, names: Iterable[str], variables: Mapping[str, str], seen: dict[Tree, str]
) -> dict[str, str]:
    """For each service of `names` that is built: what stands for its `build` key with today's `variables`, for its
    Dockerfile, for the lock's digests, and for all files that a build would see; a setup job stands for its service,
    whose image it shares. `seen` keeps what stands for each folder."""
    found = {}
    for name in dict.fromkeys(stack.services[name].setup_of or name for name in names):
        service = stack.services[name]
        if not service.build:
            continue
        trees = trees_of(service, variables)
        for tree in trees:
            if tree not in seen:
                seen[tree] = look(project, tree)
        files = [project.signature(file) for _, file in trees if file]
        # Which of these a Dockerfile builds on is for the builder to find out, quickly where none has moved.
        pinned = [dict(stack.digests)] if stack.digests else []
        parts = json.dumps([_said(service, variables), files, [seen[tree] for tree in trees], *pinned])
        found[name] = hashlib.sha256(parts.encode()).hexdigest()[:16]
    return found


def changed(world: World, stack: Stack, now: Mapping[str, str], todo: Plan) -> list[str]:
    """The services of `now` (see `digests`) whose image was built from something else, or by somebody else, or is gone
    while `todo` makes one container from it and leaves another one as it is. Else what is gone is built anyway."""
    before, there = built(world.project), _with_images(world, stack, now)
    variables = world.project.environment()
    new = {step.service: step.action in (Action.CREATE, Action.RECREATE) for step in todo.steps}

    def image_of(name: str) -> str:
        return reference(stack, stack.services[name], variables)

    def parted(name: str) -> bool:
        return len({new[user] for user in new if image_of(user) == image_of(name)}) > 1

    return [name for name in now if (before.get(name) != there[name] if name in there else parted(name))]


def _with_images(world: World, stack: Stack, digests: Mapping[str, str]) -> dict[str, str]:
    """The digests, each with the id of the image that its service's name for it means; without those that mean none."""
    variables = world.project.environment()
    found = {name: world.daemon.image(reference(stack, stack.services[name], variables)) for name in digests}
    return {name: f"{digests[name]} {image.id}" for name, image in found.items() if image}


def trees_of(service: Service, variables: Mapping[str, str]) -> list[Tree]:
    """The folders that a service's build reads: its context with its Dockerfile, and additional ones."""
    build = _build(service)
    context = _filled(build.get("context") or ".", variables)
    file = posixpath.join(context, _filled(build.get("dockerfile") or "Dockerfile", variables))
    more = build.get("additional_contexts")
    named = list(more.values()) if isinstance(more, dict) else [text(one).partition("=")[2] for one in more or ()]
    own = "" if build.get("dockerfile_inline") or "://" in context else file
    return [(context, own), *((_filled(folder, variables), "") for folder in named)]


def _said(service: Service, variables: Mapping[str, str]) -> list[Any]:
    """The `build` key with its variables filled in, those without a value (`args: [TOKEN]`) among them."""
    build = _build(service)
    args = build.get("args") or {}
    named = [text(one) for one in args if not isinstance(args, dict) and "=" not in text(one)]
    named += [name for name, value in args.items() if value is None] if isinstance(args, dict) else []
    return [_filled(json.dumps(build, default=str), variables), [variables.get(name) for name in named]]


def _build(service: Service) -> Mapping[str, Any]:
    build = service.compose.get("build")
    return build if isinstance(build, dict) else {"context": build}


def _filled(value: Any, variables: Mapping[str, str]) -> str:
    try:
        return interpolate(text(value), variables)
    except DevenvError:
        return text(value)  # the definition demands the same variable, and says so
