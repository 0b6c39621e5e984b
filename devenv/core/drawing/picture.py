"""A stack → its picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from devenv.core.drawing.layers import arrange, heaviest
from devenv.core.drawing.places import place
from devenv.model.picture import Edge, Kind, Node, Picture
from devenv.model.stack import Service, Stack

_CHARACTER = 7.3  # pixels of the drawing that a character takes
_PADDING = 30.0
_LEAST = 90.0
_LONGEST = 36  # characters of a name that are shown
_DIGEST = re.compile("@sha256:[0-9a-f]{64}")
_PART = re.compile(r"(?:\$\{[^}]*\}|[^/])+")  # of an image's name; a default may hold a whole one


def draw(
    stack: Stack, wanted: Sequence[str], modes_of: Mapping[str, Sequence[str]], seconds: Mapping[str, float]
) -> Picture:
    """The services `wanted` (closed over their needs) and what leads from one to another.

    `modes_of` names the services that each mode brings up. `seconds` is how long each took from its start in the last
    bring-up; empty when there was none.
    """
    names = set(wanted)
    needs = {name: [n.service for n in stack.services[name].needs] for name in stack.services if name in names}
    closed = {mode: set(members) for mode, members in modes_of.items()}
    modes = {name: tuple(mode for mode, members in closed.items() if name in members) for name in needs}
    path = heaviest(needs, seconds if any(name in seconds for name in needs) else dict.fromkeys(needs, 1.0))
    links = set(pairwise(path))
    found = arrange(needs)
    widths = {name: _width(stack.services[name], modes[name]) for name in needs}
    for layer in found.layers:  # those below each other are as wide as each other
        column = [item for item in layer if isinstance(item, str)]
        widths |= dict.fromkeys(column, max(widths[name] for name in column))
    places = place(found, widths, gap=64.0, row=66.0, lane=16.0)
    nodes = [
        _node(
            stack.services[item], modes[item], found.layer_of[item], item in path, seconds, places.middles[item], widths
        )
        for layer in found.layers
        for item in layer
        if isinstance(item, str)
    ]
    edges = []
    for name in needs:
        for need in stack.services[name].needs:
            points = []
            for at, waypoint in enumerate(found.routes[need.service, name], found.layer_of[need.service] + 1):
                (x, y), half = places.middles[waypoint], places.widths[at] / 2
                points += [(x - half, y), (x + half, y)]
            edges.append(Edge(need.service, name, need.condition, (need.service, name) in links, tuple(points)))
    timed = sum(seconds[name] for name in path if name in seconds) if any(name in seconds for name in path) else None
    width, height = places.size
    return Picture(stack.name, tuple(nodes), tuple(edges), tuple(path), timed, tuple(stack.modes), width, height)


def about(service: Service) -> str:
    """What a service is made of, in a word or two."""
    if service.setup_of is not None:
        return f"{service.made_of} of {service.setup_of}"
    if service.origin.template:
        return str(service.origin)
    parts = _PART.findall(_DIGEST.sub("", service.image or ""))
    return "built here" if service.build or not parts else str(parts[-1])


def _kind(service: Service) -> Kind:
    if service.setup_of is not None:
        return "setup"
    if service.job:
        return "job"
    return "server" if service.origin.template else "service"


def _node(
    service: Service,
    modes: tuple[str, ...],
    layer: int,
    longest: bool,
    seconds: Mapping[str, float],
    middle: tuple[float, float],
    widths: Mapping[str, float],
) -> Node:
    return Node(
        service.name,
        _kind(service),
        about(service),
        modes,
        layer,
        longest,
        seconds.get(service.name),
        service.mark,
        *middle,
        widths[service.name],
    )


def _width(service: Service, modes: tuple[str, ...]) -> float:
    text = max(len(service.name), len(about(service)) + 9, 2 + len(", ".join(modes)))
    return max(_LEAST, min(text, _LONGEST) * _CHARACTER + _PADDING)
