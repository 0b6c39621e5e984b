"""A text made to say other data, with comments, order, quotes, anchors and blank lines as the person wrote them."""

from __future__ import annotations

import re
from typing import Any

from devenv.core.edit import writing
from devenv.core.edit.surgery import Splice, spliced
from devenv.core.yaml.emit import dump
from devenv.core.yaml.places import Place, places
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Map, Tagged, same


def fit(text: str, target: Map) -> str | None:
    """`text` (of a mapping that `parse` reads without a problem) edited so that it says `target`.

    What is the same stays as it is written; new keys go to the end of their mapping. None when the text cannot be
    edited to say that; then `dump(target)` can.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    current = parse(text, "", Report())
    root = places(text)
    if root is None or not isinstance(current, Map):
        return None
    editor = _Editor(text, root)
    editor.fit(root, current, target)
    edited = spliced(text, editor.edits)
    return edited if edited is not None and same(parse(edited, "", Report()), target) else None


_GONE = object()
_NULL = re.compile(r": null$", re.MULTILINE)
_COMMENT = re.compile(r"(?:\n[ \t]*)*\n([ ]*)#[^\n]*")


class _Editor:
    """Collects edits, which are made at the end."""

    def __init__(self, text: str, root: Place) -> None:
        self.text = text
        self.root = root
        self.edits: list[Splice] = []
        self.anchors: dict[str, Any] = {}  # what each anchor will stand for; _GONE when it will be gone

    def fit(self, node: Place, current: Any, target: Any, *, inline: bool = False) -> None:
        """Makes `node`, which now says `current`, say `target`. `inline`: it stands within a flow collection."""
        if node.kind == "alias":
            if not same(self.anchors.get(node.name, _GONE), target):
                self.replace(node, target, inline)
            return
        if node.kind == "map" and isinstance(current, dict) and isinstance(target, dict):
            changed = self.fit_map(node, current, target, inline or not node.block)
        elif node.kind == "seq" and isinstance(current, list) and isinstance(target, list):
            changed = self.fit_list(node, current, target, inline or not node.block)
        else:
            changed = same(current, target)
        if not changed:
            self.replace(node, target, inline)
        elif node.anchor is not None:
            self.anchors[node.anchor] = target

    def fit_map(self, node: Place, current: dict[str, Any], target: dict[str, Any], inline: bool) -> bool:
        """False, with nothing changed, when the whole mapping has to be written anew."""
        before = len(self.edits), dict(self.anchors)
        own: dict[str, tuple[Place, Place]] = {}
        inherited: dict[str, Any] | None = {}
        merge: tuple[Place, Place] | None = None
        for key, value in node.entries:
            if key.merges:
                merge, inherited = (key, value), self.merged(value)
            else:
                own[key.name] = (key, value)
        if merge is not None and (inherited is None or set(inherited) - set(own) - set(target)):
            inherited = None  # what it brings is no longer what is wanted: its keys are written out in its place
        given = inherited or {}
        added = [name for name in target if name not in own and not same(given.get(name, _GONE), target[name])]
        new = self.written(node, target, added)
        good = True
        if merge is not None and inherited is None:
            good, new = not inline and self.delete(*merge, new), ""
        for name, (key, value) in own.items():
            if not good:
                break
            if name in target and name in current:
                self.fit(value, current[name], target[name], inline=inline)
            elif name in given or inline or not self.delete(key, value, "" if node is self.root else new):
                good = False
            elif node is not self.root:
                new = ""
        if not good or (added and (inline or not node.keys)):
            del self.edits[before[0] :]
            self.anchors = before[1]
            return False
        if new:
            self.append(node, new, " " * self.column(node.keys[0].start))
        return True

    def fit_list(self, node: Place, current: list[Any], target: list[Any], inline: bool) -> bool:
        """As `fit_map`: items are changed in their place and appended, never removed."""
        added = target[len(current) :]
        if len(target) < len(current) or (added and (inline or not node.values)):
            return False
        if not all(map(same, current, target)) and "#" in self.text[node.start : node.end]:
            return False  # the comments spoke of what stood there
        for item, one, other in zip(node.values, current, target, strict=False):
            self.fit(item, one, other, inline=inline)
        if added:
            dash = self.text.rfind("-", 0, node.values[0].start)
            if dash < 0 or self.text[dash + 1 : node.values[0].start].strip():
                return False
            self.append(node, dump(added), " " * self.column(dash))
        return True

    def merged(self, node: Place) -> dict[str, Any] | None:
        """What `<<` will bring; None when an anchor that it names will be gone or is no mapping."""
        result: dict[str, Any] = {}
        for one in node.values if node.kind == "seq" else [node]:
            value = self.anchors.get(one.name, _GONE) if one.kind == "alias" else self.inline(one)
            if not isinstance(value, dict):
                return None
            for key in value:
                result.setdefault(key, value[key])
        return result

    def inline(self, node: Place) -> Any:
        """A mapping that stands in `<<` itself, as far as it can be read alone: without aliases."""
        return parse(self.text[node.start : node.end], "", Report()) if not _aliases(node) else _GONE

    def replace(self, node: Place, target: Any, inline: bool) -> None:
        self.forget(node)
        if inline or not isinstance(target, dict | list) or not target:
            quote = node.quote if type(target) is str else ""
            new = writing.scalar(target, quote, flow=inline) if _is_scalar(target) else writing.inline(target)
        else:
            line = self.text[self.text.rfind("\n", 0, node.start) + 1 : node.start]
            indent = len(line) - len(line.lstrip(" -"))
            new = "\n" + _indented(dump(target), " " * (indent + 2))
            if not line.strip(" -"):  # an item of a list, or what stands on a line of its own
                new = _indented(dump(target), " " * len(line)).lstrip(" ")
        glue = " " if self.text[node.start - 1 : node.start] == ":" and not new.startswith("\n") else ""
        start = self.headed(node)
        if new.startswith("\n"):
            start = len(self.text[:start].rstrip(" "))
        end, new = self.with_comment(node, new)
        self.edits.append(Splice(start, end, glue + new))

    def with_comment(self, node: Place, new: str) -> tuple[int, str]:
        """Where the line ends that a value ends on, and what is new with the comment behind that value: on its first
        line, and not on its last. That of a collection in block style spoke of its last entry, which is gone."""
        rest = self.text[node.end :].partition("\n")[0]
        if not rest.lstrip(" \t").startswith("#"):
            return node.end, new
        first, newline, more = new.partition("\n")
        return node.end + len(rest), new if node.block else first + rest + newline + more

    def headed(self, node: Place) -> int:
        """Where a list begins, with the comments above its first item."""
        start, pad = node.start, " " * self.column(node.start)
        while node.kind == "seq" and node.block:
            above = self.text.rfind("\n", 0, max(start - len(pad) - 1, 0)) + 1
            if self.text[above:start].count("\n") != 1 or not self.text.startswith(f"{pad}#", above):
                break
            start = above + len(pad)
        return start

    def forget(self, node: Place) -> None:
        if node.kind != "alias" and node.anchor is not None:
            self.anchors[node.anchor] = _GONE
        for below in node.below:
            self.forget(below)

    def written(self, node: Place, target: dict[str, Any], names: list[str]) -> str:
        """The text of new keys, with blank lines between them where the mapping has such."""
        apart = len(node.keys) > 1 and "\n\n" in self.text[node.keys[-2].start : node.keys[-1].start]
        between = "\n" if apart else ""
        texts = (dump(Map({name: target[name]})) for name in names)
        return "".join(between + (text if "|" in text else _NULL.sub(":", text)) for text in texts)

    def append(self, node: Place, text: str, pad: str) -> None:
        """Lines after the last one of a block collection, and after the comments that belong to it."""
        end = self.text.find("\n", node.end)
        end = len(self.text) if end < 0 else end
        while (comment := _COMMENT.match(self.text, end)) and len(comment[1]) >= len(pad):
            end = comment.end()
        self.edits.append(Splice(end, end, "\n" + _indented(text, pad)))

    def delete(self, key: Place, value: Place, instead: str = "") -> bool:
        """Takes whole lines, below the top with the comments right above, or puts what is new `instead`; False when
        something else stands on them."""
        start = self.text.rfind("\n", 0, key.start) + 1
        end = self.text.find("\n", max(key.end, value.end))
        end = len(self.text) if end < 0 else end + 1
        after = self.text[max(key.end, value.end) : end].strip().lstrip(":").strip()
        if self.text[start : key.start].strip() or (after and not after.startswith("#")):
            return False
        self.forget(value)
        if instead:
            pad = " " * self.column(key.start)
            end, new = self.with_comment(value, _indented(instead.strip("\n"), pad).lstrip(" "))
            self.edits.append(Splice(key.start, max(key.end, end), new))
        else:
            pad = " " * self.column(key.start)
            while pad and start and self.text.startswith(f"{pad}#", above := self.text.rfind("\n", 0, start - 1) + 1):
                start = above
            self.edits.append(Splice(start, end, ""))
        return True

    def column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)


def _aliases(node: Place) -> bool:
    return node.kind == "alias" or any(map(_aliases, node.below))


def _indented(text: str, pad: str) -> str:
    return "\n".join(pad + line if line else line for line in text.rstrip("\n").split("\n"))


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list | Tagged)
