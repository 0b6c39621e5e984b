"""The default network, made while devenv and Compose are still getting ready: the engine takes about 0.1 s for one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from threading import Thread

from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.model.data import Map
from devenv.model.stack import Stack

_PATIENCE = 5.0  # seconds that a person who gives up waits for an engine that does not answer


class Ahead:
    """Makes the network beside what is done while it is entered. When that is left, nothing is under way any more; if
    there is no container then, because of an exception or because none could be made, the network is gone, too."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._making: Thread | None = None
        self._project = ""

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        if self._making is None:
            return
        self._making.join(_PATIENCE)
        with suppress(DevenvError):
            if not self._world.daemon.containers(self._project):
                self._world.daemon.delete_network(self._project, "default")

    def make(self, stack: Stack, names: Iterable[str], project: str) -> None:
        """Begins to make what Compose would make for the services `names`, if the stack does not declare it.

        Compose takes what is there by its labels, and makes what is not: if something goes wrong here, it is Compose
        that tells of it.
        """
        if "default" in (stack.top.get("networks") or ()):
            return
        if any(_on_default(stack.services[name].compose) for name in names):
            self._project = project
            self._making = Thread(target=self._make, name="devenv-network", daemon=True)
            self._making.start()

    def _make(self) -> None:
        with suppress(DevenvError):
            self._world.daemon.make_default_network(self._project)


def _on_default(compose: Map) -> bool:
    return "network_mode" not in compose and "default" in (compose.get("networks") or ("default",))
