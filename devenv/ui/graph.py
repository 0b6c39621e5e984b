"""A stack's picture in the terminal: a line a service in start order, with the lines that lead to what needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devenv.model.picture import Node, Picture
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.text import cells, cut, duration, padded, plural, visible

_FEW = 8  # lines side by side that are still easy to follow
_GOES_ON, _ENDS = "├┼┤", "╰┴╯"  # a line that is joined: at the left, between, at the right
_PASSES, _LEVEL = "│", "─"
_ASCII = str.maketrans(
    {
        "┼": "+",
        "├": "+",
        "┤": "+",
        "╰": "`",
        "╯": "'",
        "┴": "'",
        "…": "...",
        "│": "|",
        "─": "-",
        "●": "*",
        "○": "o",
        "←": "<-",
        "→": "->",
    }
)


def format_graph(picture: Picture, *, colour: bool, width: int, unicode: bool) -> str:
    """The services in start order. Left of each is where lines from its needs end and its own begins; the longest
    path is marked. A stack of which too many lines lie side by side is listed without them."""
    nodes, lanes = _drawn(picture, max(8, width // 6))
    names = max((cells(visible(node.name)) for node in picture.nodes), default=0)
    abouts = min(max(28, width // 3), max((cells(visible(node.about)) for node in picture.nodes), default=0))
    needs: dict[str, list[str]] = {}
    for edge in picture.edges:
        needs.setdefault(edge.service, []).append(edge.need)
    lines = [paint(f"{visible(picture.stack)}: {_summary(picture)}", "bold", colour), ""]
    numbers = len(str(picture.layers))
    before = -1
    for node, lane in zip(nodes, lanes, strict=True):
        number = f"{node.layer + 1:>{numbers}}" if node.layer != before else " " * numbers
        before = node.layer
        name = paint(padded(visible(node.name), names), "bold" if node.longest else "", colour)
        room = max(20, width - numbers - cells(lane) - names - 6)
        rest = _rest(node, needs.get(node.name, []), abouts, room)
        drawn = _painted(lane, node.longest, colour)
        line = f"{paint(number, 'dim', colour)}  {drawn}  {name}  {cut(rest, room)}"
        lines.append(line.rstrip())
    lines += ["", *_legend(picture)]
    text = "\n".join(lines)
    return text if unicode else text.translate(_ASCII)


def graph_as_json(picture: Picture) -> str:
    """The same as data in one line, documented in docs/reference/json.md."""
    nodes = [
        {
            "service": node.name,
            "kind": node.kind,
            "about": node.about,
            "layer": node.layer,
            "modes": list(node.modes),
            "longest": node.longest,
            "seconds": _rounded(node.seconds),
            "file": node.mark.file if node.mark else None,
            "line": node.mark.line if node.mark else None,
        }
        for node in picture.nodes
    ]
    edges = [
        {"service": edge.service, "need": edge.need, "condition": edge.condition, "longest": edge.longest}
        for edge in picture.edges
    ]
    path = {"services": list(picture.path), "seconds": _rounded(picture.seconds)}
    return json_text({"stack": picture.stack, "nodes": nodes, "edges": edges, "longest_path": path})


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _rest(node: Node, needs: list[str], abouts: int, room: int) -> str:
    """What a service is made of and needs, and its marks: of all these the needs are cut first."""
    about, parts = padded(cut(visible(node.about), abouts), abouts), []
    if node.kind == "job":
        parts.append("job")
    if node.modes:
        parts.append(f"[{', '.join(visible(mode) for mode in node.modes)}]")
    if node.seconds is not None:
        parts.append(duration(node.seconds))
    if needs:
        left = room - cells("  ".join([about, *parts])) - 2
        parts.insert(0, cut("← " + ", ".join(visible(need) for need in needs), max(len("← …"), left)))
    return "  ".join([about, *parts])


def _summary(picture: Picture) -> str:
    return f"{plural(len(picture.nodes), 'service')} in {plural(picture.layers, 'layer')}"


def _legend(picture: Picture) -> list[str]:
    if not picture.path:
        return []
    length = plural(len(picture.path), "service")
    if picture.seconds is not None:
        length = f"{duration(picture.seconds)} when they were last started"
    shown = list(picture.path)
    if len(shown) > 12:
        shown = [*shown[:6], "…", *shown[-5:]]
    return [f"● longest path, {length}: " + " → ".join(visible(name) for name in shown)]


def _painted(lane: str, longest: bool, colour: bool) -> str:
    head, dot, tail = lane.partition("●") if longest else lane.partition("○")
    return paint(head, "dim", colour) + (paint(dot, "yellow" if longest else "", colour)) + paint(tail, "dim", colour)


def _drawn(picture: Picture, most: int) -> tuple[list[Node], list[str]]:
    """The nodes in the order of the lines, and the drawing left of each: layer by layer where few lines lie side by
    side, else what belongs together; without a drawing where that is not enough."""
    needs: dict[str, list[str]] = {}
    for edge in picture.edges:
        needs.setdefault(edge.service, []).append(edge.need)
    by_layer = list(picture.nodes)
    if lanes := _lanes(by_layer, needs, min(most, _FEW)):
        return by_layer, lanes
    together = _together(picture.nodes, needs)
    if lanes := _lanes(together, needs, most):
        return together, lanes
    return by_layer, ["●" if node.longest else "○" for node in by_layer]


def _together(nodes: Sequence[Node], needs: Mapping[str, list[str]]) -> list[Node]:
    """Each node after its needs and as near to them as can be."""
    by_name = {node.name: node for node in nodes}
    needed = {need for listed in needs.values() for need in listed}
    found: dict[str, None] = {}
    todo = [(node.name, False) for node in reversed(nodes) if node.name not in needed]
    while todo:
        name, after = todo.pop()
        if after:
            found.setdefault(name)
        elif name not in found:
            todo.append((name, True))
            todo += [(need, False) for need in reversed(needs.get(name, []))]
    return [by_name[name] for name in found]


def _lanes(nodes: Sequence[Node], needs: Mapping[str, list[str]], most: int) -> list[str]:
    """For each node the lines left of it; none when more than `most` lie side by side. A node begins a line of its
    own, which ends at the last that needs it."""
    left: dict[str, int] = {}
    for listed in needs.values():
        for need in listed:
            left[need] = left.get(need, 0) + 1
    open_: list[str | None] = []
    rows: list[str] = []
    for node in nodes:
        mine = needs.get(node.name, [])
        for need in mine:
            left[need] -= 1
        joins = {i for i, name in enumerate(open_) if name in mine}
        place = _place(open_, joins)
        rows.append(_row(open_, joins, place, node.longest, left))
        for i in joins:
            if not left[open_[i] or ""]:
                open_[i] = None
        if left.get(node.name):
            open_ += [None] * (place + 1 - len(open_))
            open_[place] = node.name
        while open_ and open_[-1] is None:
            open_.pop()
        if len(open_) > most:
            return []
    wide = max(map(len, rows), default=0)
    return [padded(row, wide) for row in rows]


def _place(open_: list[str | None], joins: set[int]) -> int:
    """The free column from which the lines of the needs are the shortest."""
    free = [i for i, name in enumerate(open_) if name is None] + [len(open_)]
    return min(free, key=lambda i: (max(joins | {i}) - min(joins | {i}), i))


def _row(open_: list[str | None], joins: set[int], place: int, longest: bool, left: dict[str, int]) -> str:
    first, last = min(joins | {place}), max(joins | {place})
    row = ""
    for i in range(max(len(open_), place + 1)):
        name = open_[i] if i < len(open_) else None
        if i == place:
            sign = "●" if longest else "○"
        elif i in joins:
            side = 0 if i == first else 2 if i == last else 1
            sign = (_GOES_ON if left[name or ""] else _ENDS)[side]
        elif name is not None:
            sign = _PASSES
        else:
            sign = _LEVEL if first < i < last else " "
        row += sign + (_LEVEL if first <= i < last else " ")
    return row.rstrip()
