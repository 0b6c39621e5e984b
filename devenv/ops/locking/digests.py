"""The digests that images have now, from their registries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from devenv.engine.image_index import platform_digests, platform_name
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem
from devenv.model.image_name import canonical, host_of
from devenv.model.lock import LOCK_FILE, LockedImage
from devenv.ops.config import configuration
from devenv.records import field, mutable, replace

_AT_ONCE = 8
_PATIENCE = 30.0
_PLACE = f"{LOCK_FILE}: images"
_HINT = "what is not named here is as it should be; run it again when the registry can be reached"


@mutable
class Answers:
    """`images` that could be asked for, by name, and a problem for each that could not."""

    images: dict[str, LockedImage] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def ask(world: World, names: Sequence[str]) -> Answers:
    """What each name stands for now. An image whose registry cannot be reached, but which the engine has pulled, is
    what the engine says it pulled."""
    rewrite = configuration(world).image

    def one(name: str) -> LockedImage | DevenvError:
        try:
            return _ask(world, rewrite(name))
        except DevenvError as error:
            return error

    answers, silent = Answers(), dict[str, list[tuple[str, Problem]]]()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="devenv-digest") as pool:
        for name, found in zip(names, pool.map(one, names), strict=True):
            if isinstance(found, DevenvError) and found.problems[0].code == "DE502":
                found = _pulled(world, name) or found
            if isinstance(found, LockedImage):
                answers.images[name] = found
            elif found.problems[0].code == "DE502":
                silent.setdefault(host_of(rewrite(name)), []).append((name, found.problems[0]))
            else:
                answers.problems += [replace(p, path=_PLACE) for p in found.problems]
    answers.problems += [_silent(host, asked) for host, asked in silent.items()]
    return answers


def _silent(host: str, asked: Sequence[tuple[str, Problem]]) -> Problem:
    """One registry, one problem, however many images it has."""
    message = f"the registry {host} cannot be reached, asking for {', '.join(name for name, _ in asked)}"
    return replace(asked[0][1], message=message, path=_PLACE, hint=_HINT)


def _ask(world: World, reference: str) -> LockedImage:
    found = world.daemon.distribution(reference)
    platforms = dict(found.manifests)
    if not platforms and len(found.platforms) == 1:  # no index: the image itself
        platforms = {platform_name(found.platforms[0]): found.digest}
    if not platforms and world.processes.find("docker") is not None:
        # The command knows the person's logins, which the registry may want to see.
        asked = f"{reference.partition('@')[0]}@{found.digest}"
        done = world.processes.run(["docker", "manifest", "inspect", asked], timeout=_PATIENCE)
        platforms = platform_digests(_json(done.output)) if done.code == 0 else {}
    return LockedImage(digest=found.digest, platforms=platforms)


def _pulled(world: World, name: str) -> LockedImage | None:
    image = world.daemon.image(name)
    repository = canonical(name).partition("@")[0].rpartition(":")[0]
    for one in image.digests if image is not None else ():
        other, _, digest = one.partition("@")
        if canonical(other).rpartition(":")[0] == repository:
            return LockedImage(digest=digest)
    return None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
