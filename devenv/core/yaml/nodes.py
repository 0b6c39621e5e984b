"""YAML text → nodes with their places in the text, for edits that leave everything else as it is."""

from __future__ import annotations

from typing import Any, Literal

import yaml
from yaml import events as ev

from devenv.records import field, mutable

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@mutable
class TextNode:
    """A value in the text: `start` to `end` are offsets of all of it, tag and anchor included, without what follows.

    `anchor` is what an alias names, or what a value is called. `block` is a collection in block style; a document
    that is empty has none.
    """

    kind: Literal["scalar", "map", "seq", "alias"]
    start: int
    end: int
    block: bool = False
    tagged: bool = False
    anchor: str | None = None
    entries: list[tuple[TextNode, TextNode]] = field(default_factory=list)
    items: list[TextNode] = field(default_factory=list)


def read_nodes(text: str) -> tuple[TextNode | None, int]:
    """The root node of a text that `core.yaml.source.parse` has read without a problem, and where the content begins:
    after directives and `---`."""
    parser = _Parser(text)
    head, root = 0, None
    pending: list[TextNode] = []
    keys: list[TextNode | None] = []
    try:
        while (event := parser.get_event()) is not None:
            node, end = None, _offset(event.end_mark)
            if isinstance(event, ev.DocumentStartEvent):
                head = end if event.explicit else 0
            elif isinstance(event, ev.MappingStartEvent | ev.SequenceStartEvent):
                pending.append(_collection(event))
                keys.append(None)
            elif isinstance(event, ev.MappingEndEvent | ev.SequenceEndEvent):
                keys.pop()
                node = _ended(pending.pop(), end)
            elif isinstance(event, ev.ScalarEvent | ev.AliasEvent):
                node = _leaf(event, text)
            if node is not None:
                if not pending:
                    root = node
                else:
                    _place(node, pending[-1], keys)
    finally:
        parser.dispose()
    return root, head


def _offset(mark: Any) -> int:
    return int(mark.index)


def _collection(event: Any) -> TextNode:
    return TextNode(
        "map" if isinstance(event, ev.MappingStartEvent) else "seq",
        event.start_mark.index,
        event.end_mark.index,
        block=event.flow_style is False,
        tagged=event.tag is not None,
        anchor=event.anchor,
    )


def _leaf(event: Any, text: str) -> TextNode:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, ev.AliasEvent):
        return TextNode("alias", start, end, anchor=event.anchor)
    end = start + len(text[start:end].rstrip())  # a block scalar's own end is the next line's start
    return TextNode("scalar", start, end, tagged=event.tag is not None, anchor=event.anchor)


def _ended(node: TextNode, end: int) -> TextNode:
    """A block collection's own end mark is where the next token begins, after comments that are not its own."""
    below = [*(part for entry in node.entries for part in entry), *node.items]
    node.end = end if not node.block else max((one.end for one in below), default=node.start)
    return node


def _place(node: TextNode, parent: TextNode, keys: list[TextNode | None]) -> None:
    key = keys[-1]
    if parent.kind == "seq":
        parent.items.append(node)
    elif key is None:
        keys[-1] = node
    else:
        parent.entries.append((key, node))
        keys[-1] = None
