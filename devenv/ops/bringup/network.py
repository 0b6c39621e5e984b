"""The default network, made while devenv and Compose are still getting ready: the engine takes about 0.1 s for one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from threading import Thread

from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.model.data import Map
from devenv.model.stack import Stack


def make_ahead(world: World, stack: Stack, names: Iterable[str], project: str) -> None:
    """Begins to make the network that Compose would make for the services `names`, if the stack does not declare it.

    Compose takes what is there by its labels, and makes what is not: if something goes wrong here, it is Compose that
    tells of it.
    """
    if "default" in (stack.top.get("networks") or ()):
        return
    if any(_on_default(stack.services[name].compose) for name in names):
        Thread(target=_make, args=(world, project), name="devenv-network", daemon=True).start()


def _on_default(compose: Map) -> bool:
    return "network_mode" not in compose and "default" in (compose.get("networks") or ("default",))


def _make(world: World, project: str) -> None:
    with suppress(DevenvError):
        world.daemon.make_default_network(project)
