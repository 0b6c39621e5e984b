"""A stack's picture as an SVG: complete in itself, for light and dark."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from devenv.model.picture import Edge, Node, Picture
from devenv.ui.text import cut, duration, plural, visible

_MARGIN = 28.0
_HEAD = 60.0
_FOOT = 56.0
_LEAST = 560.0
_HALF = 26.0  # of a node's height
_CHARACTER = 7.3
_SMALL = 6.1

_COLOURS = {
    ".paper": ("fill", "#ffffff", "#111827"),
    "text": ("fill", "#1f2937", "#f3f4f6"),
    ".soft": ("fill", "#6b7280", "#9ca3af"),
    ".box": ("fill", "#f9fafb", "#1f2937"),
    ".edge": ("stroke", "#d1d5db", "#4b5563"),
    "path": ("stroke", "#9ca3af", "#6b7280"),
    ".tip": ("fill", "#9ca3af", "#6b7280"),
    ".server .kind": ("fill", "#2563eb", "#60a5fa"),
    ".service .kind": ("fill", "#059669", "#34d399"),
    ".job .kind, .setup .kind": ("fill", "#7c3aed", "#a78bfa"),
    ".longest .edge, path.longest": ("stroke", "#d97706", "#fbbf24"),
    ".tip.longest": ("fill", "#d97706", "#fbbf24"),
}
"""What is filled or drawn with which colour, in light and in dark. Not all that shows SVG knows CSS's variables."""

_SHAPES = """
  text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 12px; }
  .title { font-size: 15px; font-weight: bold; }
  .name { font-weight: bold; }
  .soft { font-size: 10px; }
  .edge { stroke-width: 1; }
  .job .edge, .setup .edge { stroke-dasharray: 4 3; }
  .longest .edge, path.longest { stroke-width: 2.5; }
  path { fill: none; stroke-width: 1.4; }
  path.started { stroke-dasharray: 2 4; }
  path.completed { stroke-dasharray: 7 4; }
"""
_LIGHT = "".join(f"  {what} {{ {how}: {light}; }}\n" for what, (how, light, _) in _COLOURS.items())
_DARK = "".join(f"    {what} {{ {how}: {dark}; }}\n" for what, (how, _, dark) in _COLOURS.items())
_STYLE = f"{_SHAPES}{_LIGHT}  @media (prefers-color-scheme: dark) {{\n{_DARK}  }}\n"


def svg(picture: Picture) -> str:
    """The drawing: layers from left to right, arrows from what is needed to what needs it."""
    width = max(picture.width + 2 * _MARGIN, _LEAST, len(_title(picture)) * 9.2 + 2 * _MARGIN)
    height = picture.height + _HEAD + _FOOT
    nodes = {node.name: node for node in picture.nodes}
    shift = max(0.0, (width - 2 * _MARGIN - picture.width) / 2)
    edges = sorted(picture.edges, key=lambda edge: edge.longest)  # the longest path on top of the others
    title = escape(_title(picture))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{title}">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            '<rect class="paper" width="100%" height="100%"/>',
            f'<text class="title" x="{_MARGIN}" y="34">{title}</text>',
            f'<g transform="translate({_MARGIN + shift:.1f} {_HEAD:.1f})">',
            *(_edge(edge, nodes) for edge in edges),
            *(_node(node) for node in picture.nodes),
            "</g>",
            *_legend(picture, height),
            "</svg>",
            "",
        ]
    )


def _title(picture: Picture) -> str:
    if picture.seconds is not None:
        longest = f"the longest path took {duration(picture.seconds)}"
    else:
        longest = f"{plural(len(picture.path), 'service')} on the longest path"
    return f"{visible(picture.stack)}: {plural(len(picture.nodes), 'service')}, {longest}"


def _node(node: Node) -> str:
    x, y = node.x - node.width / 2, node.y - _HALF
    classes = f"{node.kind} longest" if node.longest else node.kind
    room = int((node.width - 26) / _CHARACTER)
    small = int((node.width - 26) / _SMALL)
    about = ", ".join(part for part in (visible(node.about), _took(node)) if part)
    lines = [
        f'<g class="{classes}"><title>{escape(_told(node))}</title>',
        f'<rect class="box edge" x="{x:.1f}" y="{y:.1f}" width="{node.width:.1f}" height="{2 * _HALF:.1f}" rx="7"/>',
        f'<rect class="kind" x="{x + 6:.1f}" y="{y + 8:.1f}" width="4" height="{2 * _HALF - 16:.1f}" rx="2"/>',
    ]
    has = [("name", cut(visible(node.name), room)), ("soft", cut(about, small))]
    if node.modes:
        has.append(("soft", cut(f"[{', '.join(map(visible, node.modes))}]", small)))
    top = node.y - (len(has) - 1) * 7 + 4
    for i, (kind, text) in enumerate(has):
        lines.append(f'<text class="{kind}" x="{x + 17:.1f}" y="{top + i * 14:.1f}">{escape(text)}</text>')
    return "".join([*lines, "</g>"])


def _took(node: Node) -> str:
    return "" if node.seconds is None else duration(node.seconds)


def _told(node: Node) -> str:
    where = f", {node.mark.file}:{node.mark.line}" if node.mark else ""
    modes = f", in {', '.join(node.modes)}" if node.modes else ""
    return visible(f"{node.name}: {node.about}{modes}{where}")


def _edge(edge: Edge, nodes: dict[str, Node]) -> str:
    start, end = nodes[edge.need], nodes[edge.service]
    points = [(start.x + start.width / 2, start.y), *edge.points, (end.x - end.width / 2 - 7, end.y)]
    drawn = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        if y0 == y1:
            drawn += f"H{x1:.1f}"
        else:
            bend = (x1 - x0) / 2
            drawn += f"C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    longest = " longest" if edge.longest else ""
    x, y = points[-1]
    tip = f'<polygon class="tip{longest}" points="{x:.1f},{y - 4:.1f} {x + 7:.1f},{y:.1f} {x:.1f},{y + 4:.1f}"/>'
    return f'<path class="{edge.condition}{longest}" d="{drawn}"/>{tip}'


def _legend(picture: Picture, height: float) -> list[str]:
    """What the signs mean, those that are there."""
    y = height - 22
    lines, x = [], _MARGIN
    kinds = {node.kind for node in picture.nodes}
    words = {"server": "from a template", "service": "your own", "job": "job", "setup": "setup"}
    for kind, word in words.items():
        if kind in kinds:
            lines.append(
                f'<g class="{kind}"><rect class="kind" x="{x:.1f}" y="{y - 9:.1f}" width="4" height="12" rx="2"/></g>'
            )
            lines.append(f'<text class="soft" x="{x + 10:.1f}" y="{y:.1f}">{word}</text>')
            x += 10 + len(word) * _SMALL + 22
    conditions = {edge.condition for edge in picture.edges}
    means = {"ready": "when ready", "started": "when started", "completed": "when done"}
    for condition, word in means.items():
        if condition in conditions:
            lines.append(f'<path class="{condition}" d="M{x:.1f} {y - 3:.1f}h24"/>')
            lines.append(f'<text class="soft" x="{x + 30:.1f}" y="{y:.1f}">{word}</text>')
            x += 30 + len(word) * _SMALL + 22
    return lines
