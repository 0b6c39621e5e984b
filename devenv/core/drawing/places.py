"""Where the nodes and the lines of a layered graph are drawn: from left to right, neighbours level if they can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devenv.core.drawing.layers import Item, Layering
from devenv.records import frozen

_PASSES = 6


@frozen
class Places:
    """The middle of each item, and the size of the whole. A line passes a layer level, from its left to its right."""

    middles: dict[Item, tuple[float, float]]
    widths: tuple[float, ...]
    size: tuple[float, float]


def place(found: Layering, widths: Mapping[str, float], *, gap: float, row: float, lane: float) -> Places:
    """`widths` of the nodes; `gap` between layers, `row` from node to node in a layer, `lane` for a passing line."""
    heights = {item: row if isinstance(item, str) else lane for layer in found.layers for item in layer}
    y: dict[Item, float] = {}
    for layer in found.layers:
        for item, at in zip(layer, _spread([0.0] * len(layer), [heights[item] for item in layer]), strict=True):
            y[item] = at
    for number in range(_PASSES):
        neighbours = found.after if number % 2 else found.before
        for layer in reversed(found.layers) if number % 2 else found.layers:
            wanted = [_mean([y[one] for one in neighbours.get(item, ())], y[item]) for item in layer]
            for item, at in zip(layer, _spread(wanted, [heights[item] for item in layer]), strict=True):
                y[item] = at
    columns = tuple(
        max((widths[item] for item in layer if isinstance(item, str)), default=0.0) for layer in found.layers
    )
    middles: dict[Item, tuple[float, float]] = {}
    top = min((y[item] - heights[item] / 2 for item in y), default=0.0)
    x = 0.0
    for layer, width in zip(found.layers, columns, strict=True):
        for item in layer:
            middles[item] = (x + width / 2, y[item] - top)
        x += width + gap
    height = max((at + heights[item] / 2 for item, (_, at) in middles.items()), default=0.0)
    return Places(middles, columns, (max(0.0, x - gap), height))


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Places as near to the wanted ones as can be (least squares), in the same order and without overlap."""
    offsets, at = [], 0.0
    for i, height in enumerate(heights):
        at += (heights[i - 1] + height) / 2 if i else 0.0
        offsets.append(at)
    blocks: list[tuple[float, int]] = []  # (mean, how many): neighbours that push each other move as one
    for want, offset in zip(wanted, offsets, strict=True):
        mean, count = want - offset, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    flat = [mean for mean, count in blocks for _ in range(count)]
    return [base + offset for base, offset in zip(flat, offsets, strict=True)]
