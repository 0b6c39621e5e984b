"""The cuts: an entry put into a collection, taken out of it, or a value replaced, as one splice of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from devenv.core.edit import writing
from devenv.core.yaml.places import Place

_BLANK = re.compile(r"[ \t]*\r?\n")
_COMMA = re.compile(r"\A[ \t]*,")
_TAIL = re.compile(r"(?P<comma>\s*,)?[ \t]*(?:#[^\r\n]*)?")
_GAP = re.compile(r"(?:\s|#[^\n]*)*")
_COMMENT = re.compile(r"[ \t]*#[^\n]*(?:\n|\Z)")
_BELOW = re.compile(r"(?:[ \t]*\r?\n)*(?P<pad> *)#[^\n]*(?:\n|\Z)")


class Splice(NamedTuple):
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str


def spliced(text: str, splices: Iterable[Splice]) -> str | None:
    """The text with all of them made; None when two are of the same lines."""
    parts, at = list[str](), 0
    for start, end, new in sorted(splices, key=lambda one: one[:2]):
        if start < at:
            return None
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


class Text:
    """A file's text with the habits of whoever wrote it: line ends, and how far a level is indented."""

    def __init__(self, text: str, root: Place) -> None:
        self.text = text
        self.newline = "\r\n" if text.count("\r\n") > text.count("\n") / 2 else "\n"
        self.step = self._step(root)

    def _step(self, root: Place) -> int:
        pending = [root]
        while pending:
            place = pending.pop(0)
            for one in place.values:
                deeper = one.kind == "map" and not one.flow and one.keys and place.kind == "map"
                if deeper and (by := self.column(one.body) - self.column(place.body)) > 0:
                    return by
            pending += place.values
        return 2

    def column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)

    def line_start(self, at: int) -> int:
        return at - self.column(at)

    def line_end(self, at: int) -> int:
        """Behind the line break of the line, or the end of the text."""
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1

    def lines(self, written: str) -> str:
        return written.replace("\n", self.newline)

    def replace(self, place: Place, value: Any, indent: int, *, flow: bool) -> Splice:
        """The value at `place`, which stands below a key in column `indent`, becomes another; its anchor stays."""
        start, before = self._head(place, indent)
        end = place.body + len(self.text[place.body : place.end].rstrip())  # blank lines that a `|+` keeps stay
        if isinstance(value, dict | list):
            return Splice(start, end, before + writing.inline(value))
        quote = place.quote if place.kind == "scalar" and place.quote in ("'", '"') else ""
        if place.empty:
            return Splice(place.body, place.end, " " + writing.scalar(value, quote, flow=flow))
        lines = writing.literal(value, indent + self.step) if not flow and self._ends_line(end) else None
        return Splice(start, end, before + self.lines(lines or writing.scalar(value, quote, flow=flow)))

    def _head(self, place: Place, indent: int) -> tuple[int, str]:
        """Where what replaces a value begins, and the space before it: a block gives way to a value on its key's line,
        unless a comment ends that."""
        head = len(self.text[: place.body].rstrip())
        if place.flow or place.kind == "scalar" or "\n" not in self.text[head : place.body]:
            return place.body, ""
        if "#" in self.text[self.line_start(head) : head]:
            return place.body, " " * (indent + self.step - self.column(place.body))
        return head, " "

    def empty(self, place: Place, indent: int) -> Splice:
        """A collection without its only entry and the comments of that; `indent` as in `replace`."""
        new = "{}" if place.kind == "map" else "[]"
        begin = self.line_start(place.body)
        if place.flow or self.text[begin : place.body].strip():
            return Splice(place.body, place.end, new)
        begin = self._with_comments(begin, place.end, place.body - begin, None)
        end = self.line_end(place.end) if self.text[place.end - 1] != "\n" else place.end
        end, head = len(self.text[:end].rstrip("\r\n")), len(self.text[:begin].rstrip())
        if "#" in self.text[self.line_start(head) : head]:
            return Splice(begin, end, " " * (indent + self.step) + new)
        return Splice(head, end, f" {new}")

    def fill(self, place: Place, value: Any, indent: int) -> Splice:
        """A value for `key:` that has none; `indent` is the key's column."""
        if isinstance(value, str) and not self._ends_line(place.end):
            return Splice(place.start, place.end, f" {writing.scalar(value, '', flow=False)}")
        return Splice(place.start, place.end, self.lines(writing.block(value, indent, self.step)))

    def _ends_line(self, at: int) -> bool:
        return not self.text[at : self.line_end(at)].strip()

    def add(self, place: Place, key: str | None, value: Any) -> Splice:
        """A further entry at the end of a collection; `key` is None for an item of a list."""
        if place.flow:
            return self._add_inline(place, key, value)
        column = self.column(place.body)
        pad = " " * column
        last = place.values[-1] if key is None else place
        if key is None and isinstance(value, dict) and last.keys and not last.flow:
            step = self.column(last.body) - column
            entry = pad + "-".ljust(step) + writing.block(value, column, step).lstrip()
        elif key is None:
            entry = f"{pad}- {writing.inline(value)}"
        else:
            entry = f"{pad}{writing.scalar(key, '', flow=False)}:{writing.block(value, column, self.step)}"
        at = self.line_end(place.end) if place.end and self.text[place.end - 1] != "\n" else place.end
        at = self._behind_comments(at, column)
        before = "" if at == 0 or self.text[at - 1] == "\n" else self.newline
        after = "" if before and at == len(self.text) else self.newline
        gap = self.newline if self._spaced(place) else ""
        return Splice(at, at, before + gap + self.lines(entry) + after)

    def _behind_comments(self, at: int, column: int) -> int:
        """Behind the comments below an entry that are further in than its key, in `column`: they are about it."""
        while (found := _BELOW.match(self.text, at)) and len(found["pad"]) > column:
            at = found.end()
        return at

    def _spaced(self, place: Place) -> bool:
        """Whether blank lines stand between a collection's entries."""
        if len(place.keys) < 2:
            return False
        behind = self._behind_comments(self.line_end(place.values[-2].end), self.column(place.body))
        between = self.text[behind : self.line_start(place.keys[-1].start)]
        return bool(_BLANK.match(between))

    def _add_inline(self, place: Place, key: str | None, value: Any) -> Splice:
        entry = writing.inline(value)
        if key is not None:
            entry = f"{writing.scalar(key, '', flow=True)}: {entry}"
        if not place.values:
            around = " " if place.kind == "map" else ""
            return Splice(place.body + 1, place.end - 1, f"{around}{entry}{around}")
        last = max(place.values[-1].end, place.keys[-1].end if place.keys else 0)
        return Splice(last, last, f", {entry}")

    def take(self, place: Place, number: int) -> Splice:
        """An entry or item taken out, with its comments; at least one other stays."""
        if place.flow:
            return self._take_inline(place, number)
        start, end = self._entry(place, number), place.values[number].end
        following = self._entry(place, number + 1) if number + 1 < len(place.values) else None
        if self.text[self.line_start(start) : start].strip() and following is not None:
            return Splice(start, following, "")  # `- first: key`: the dash stays for the next key
        begin = self.line_start(start)
        end = self.line_end(end) if self.text[end - 1] != "\n" else end
        end = self._behind_comments(end, self.column(start))
        begin = self._with_comments(begin, end, self.column(start), following)
        if following is None:
            return self._take_last(place.values[number - 1], begin, end)
        return self._without_gap(begin, end, first=number == 0)

    def _entry(self, place: Place, number: int) -> int:
        """Where an entry in block style begins: at its key, or at its dash or question mark."""
        found = _GAP.match(self.text, place.values[number - 1].end if number else place.body)
        assert found is not None
        return found.end()

    def _take_inline(self, place: Place, number: int) -> Splice:
        heads = place.keys or place.values
        start, end = heads[number].start, max(place.values[number].end, heads[number].end)
        if number + 1 < len(heads):
            following = heads[number + 1].start
            below = self.text[end:following].partition("\n")[2].lstrip()
            return Splice(start, following - (len(below) if "#" in below else 0), "")  # those above the next stay
        before = max(place.values[number - 1].end, heads[number - 1].end)
        beside = self.text[before:start].partition("\n")[0].rstrip()
        if "#" not in beside:
            return Splice(before, end, "")
        tail = _TAIL.match(self.text, end)  # the comment beside the one before stays, with the line's end
        assert tail is not None
        kept = beside if tail["comma"] else _COMMA.sub("", beside, count=1)
        closes = self.text[tail.end()] not in "\r\n"
        return Splice(before, tail.end(), kept + (self.newline + " " * self.column(place.start) if closes else ""))

    def _with_comments(self, begin: int, end: int, column: int, following: int | None) -> int:
        """Comments right above an entry go with it, but for those that head several: the next entry follows at once."""
        if following is not None and self.line_start(following) == end:
            return begin
        while begin > 0:
            above = self.line_start(begin - 1)
            line = self.text[above:begin]
            if not _COMMENT.fullmatch(line) or len(line) - len(line.lstrip()) != column:
                break
            begin = above
        return begin

    def _without_gap(self, begin: int, end: int, *, first: bool) -> Splice:
        """Of blank lines before and after what goes, those before stay; a collection does not begin with any."""
        above = self.text[self.line_start(begin - 1) : begin] if begin else "\n"
        if _BLANK.fullmatch(above) or (first and above.rstrip().endswith(":")):
            while found := _BLANK.match(self.text, end):
                end = found.end()
        return Splice(begin, end, "")

    def _take_last(self, before: Place, begin: int, end: int) -> Splice:
        """Blank lines that stood before the last entry go with it; a file without an end of its last line stays so."""
        while begin > before.end and _BLANK.fullmatch(self.text[self.line_start(begin - 1) : begin]):
            begin = self.line_start(begin - 1)
        while before.values:
            before = before.values[-1]
        if end == len(self.text) and not self.text.endswith("\n") and before.quote not in ("|", ">"):
            begin = len(self.text[:begin].rstrip("\r\n"))
        return Splice(begin, end, "")
