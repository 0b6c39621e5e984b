"""A stack as a picture: its services in layers, what leads from one to another, and the longest path."""

from __future__ import annotations

from typing import Literal

from devenv.errors import Mark
from devenv.model.stack import Condition
from devenv.records import frozen

Kind = Literal["server", "service", "job", "setup"]


@frozen
class Node:
    """One service. `about` says what it is made of (`postgres@17`, an image, `built here`); `layer` counts from 0: what
    needs nothing is in it; `seconds` is how long it took from its start in the last bring-up, where that is known.
    `longest` says that it is on the longest path, `x` and `y` where its middle is in the drawing."""

    name: str
    kind: Kind
    about: str
    modes: tuple[str, ...]
    layer: int
    longest: bool
    seconds: float | None = None
    mark: Mark | None = None
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0


@frozen
class Edge:
    """`need` must be in `condition` before `service` starts. `points` are places that the line passes on its way from
    the one to the other; between them it may be curved."""

    need: str
    service: str
    condition: Condition
    longest: bool
    points: tuple[tuple[float, float], ...] = ()


@frozen
class Picture:
    """`nodes` by layer, and in each in the order in which they are drawn; `path` is the longest path in start order.
    `seconds` is its length in the last bring-up; None: its length is counted in services."""

    stack: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    path: tuple[str, ...]
    seconds: float | None
    modes: tuple[str, ...]
    width: float = 0.0
    height: float = 0.0

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return max((node.layer for node in self.nodes), default=-1) + 1
