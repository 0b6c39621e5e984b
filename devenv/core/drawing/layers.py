"""Layers of a graph without cycles, and an order in each that keeps lines from crossing.

The method is Sugiyama's: every node one layer behind the last of its needs, long edges cut by a waypoint in each layer
that they pass, and layers sorted by where their neighbours are, forth and back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from devenv.records import field, mutable

_SWEEPS = 4
_MOST = 20_000  # waypoints; where there would be more, long edges are drawn straight

Item = str | tuple[str, str, int]
"""A node's name, or the waypoint of an edge (need, service, layer)."""


@mutable
class Layering:
    """`layers` of items, each in order; `before` and `after` are an item's neighbours in the layers next to its own;
    `routes` are the waypoints of every edge."""

    layers: list[list[Item]]
    layer_of: dict[str, int]
    before: dict[Item, list[Item]] = field(default_factory=dict)
    after: dict[Item, list[Item]] = field(default_factory=dict)
    routes: dict[tuple[str, str], list[Item]] = field(default_factory=dict)


def depths(needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """For each node, how many are before it on the longest way to it. `needs` is closed and has no cycles."""
    found: dict[str, int] = {}
    for name in in_order(needs):
        found[name] = max((found[need] + 1 for need in needs[name]), default=0)
    return found


def in_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The nodes, needs before what needs them, otherwise as they come."""
    found: dict[str, None] = {}
    for root in needs:
        todo = [(root, 0)]
        while todo:
            name, i = todo.pop()
            if name in found:
                continue
            if i < len(needs[name]):
                todo += [(name, i + 1), (needs[name][i], 0)]
            else:
                found[name] = None
    return list(found)


def heaviest(needs: Mapping[str, Sequence[str]], weights: Mapping[str, float]) -> list[str]:
    """The chain of needs with the greatest sum of weights, then the most nodes; in start order."""
    best: dict[str, tuple[float, int, str | None]] = {}
    for name in in_order(needs):
        cause = max(needs[name], key=lambda need: best[need][:2], default=None)
        before = best[cause] if cause is not None else (0.0, 0, None)
        best[name] = (before[0] + weights.get(name, 0.0), before[1] + 1, cause)
    at = max(best, key=lambda name: best[name][:2], default=None)
    path: list[str] = []
    while at is not None:
        path.append(at)
        at = best[at][2]
    return path[::-1]


def arrange(needs: Mapping[str, Sequence[str]]) -> Layering:
    """The graph in layers, with few crossings."""
    layer_of = depths(needs)
    count = max(layer_of.values(), default=-1) + 1
    found = Layering([[] for _ in range(count)], layer_of)
    for name in needs:
        found.layers[layer_of[name]].append(name)
    _connect(found, needs)
    for sweep in range(_SWEEPS):
        neighbours = found.after if sweep % 2 else found.before
        layers = reversed(found.layers) if sweep % 2 else iter(found.layers)
        place: dict[Item, int] = {}
        for layer in layers:
            _sort(layer, neighbours, place)
            place |= {item: i for i, item in enumerate(layer)}
    return found


def _connect(found: Layering, needs: Mapping[str, Sequence[str]]) -> None:
    layer_of = found.layer_of
    spans = sum(layer_of[name] - layer_of[need] - 1 for name, listed in needs.items() for need in listed)
    for name, listed in needs.items():
        for need in listed:
            route: list[Item] = []
            if spans <= _MOST:
                route = [(need, name, layer) for layer in range(layer_of[need] + 1, layer_of[name])]
            for waypoint, layer in zip(route, range(layer_of[need] + 1, layer_of[name]), strict=False):
                found.layers[layer].append(waypoint)
            found.routes[need, name] = route
            chain: list[Item] = [need, *route, name]
            for one, other in pairwise(chain):
                found.after.setdefault(one, []).append(other)
                found.before.setdefault(other, []).append(one)


def _sort(layer: list[Item], neighbours: Mapping[Item, list[Item]], place: Mapping[Item, int]) -> None:
    """Sorts by the middle of the neighbours' places; what has none stays about where it is."""
    middles: dict[Item, float] = {}
    for i, item in enumerate(layer):
        places = [place[one] for one in neighbours.get(item, ()) if one in place]
        middles[item] = sum(places) / len(places) if places else float(i)
    layer.sort(key=middles.__getitem__)
