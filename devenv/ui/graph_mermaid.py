"""A stack's picture in Mermaid, as merge requests and wikis draw it."""

from __future__ import annotations

from devenv.model.picture import Edge, Node, Picture
from devenv.ui.text import duration, visible

_SHAPES = {
    "server": ("[(", ")]"),
    "service": ("[", "]"),
    "job": ("{{", "}}"),
    "setup": (">", "]"),
}
_ARROWS = {"ready": "-->", "started": "-.->", "completed": "==>"}
_STYLES = (
    "classDef longest stroke:#d97706,stroke-width:3px",
    "classDef server fill:#dbeafe,color:#111827",
    "classDef service fill:#dcfce7,color:#111827",
    "classDef job fill:#f3e8ff,color:#111827",
    "classDef setup fill:#f3e8ff,color:#111827",
)


def mermaid(picture: Picture) -> str:
    """A flow chart from left to right; arrows lead from what is needed to what needs it."""
    ids = {node.name: f"n{i}" for i, node in enumerate(picture.nodes)}
    lines = ["flowchart LR"]
    lines += [f"  {ids[node.name]}{_shape(node)}" for node in picture.nodes]
    lines += [f"  {ids[edge.need]} {_arrow(edge)} {ids[edge.service]}" for edge in picture.edges]
    marked = [str(i) for i, edge in enumerate(picture.edges) if edge.longest]
    if marked:
        lines.append(f"  linkStyle {','.join(marked)} stroke:#d97706,stroke-width:3px")
    lines += [f"  {style}" for style in _STYLES]
    for kind in _SHAPES:
        if those := [ids[node.name] for node in picture.nodes if node.kind == kind]:
            lines.append(f"  class {','.join(those)} {kind}")
    if those := [ids[node.name] for node in picture.nodes if node.longest]:
        lines.append(f"  class {','.join(those)} longest")
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    about = [node.about, *([duration(node.seconds)] if node.seconds is not None else [])]
    lines = [f"<b>{_text(node.name)}</b>", _text(", ".join(part for part in about if part))]
    if node.modes:
        lines.append(_text(f"[{', '.join(node.modes)}]"))
    begin, end = _SHAPES[node.kind]
    return f'{begin}"{"<br>".join(line for line in lines if line)}"{end}'


def _arrow(edge: Edge) -> str:
    return _ARROWS[edge.condition]


def _text(written: str) -> str:
    """A text in quotes: Mermaid writes what it would act on as numbers of characters."""
    return "".join(char if char.isalnum() or char in " .,:/@_-[]" else f"#{ord(char)};" for char in visible(written))
