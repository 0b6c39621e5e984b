"""Values put into a manifest's text, or taken out; what a cut would do beyond that is noticed, and refused.

An edit is made twice: in the text, by a splice, and in the data that the text stands for. Only when the new text is
read as the new data is it handed back. So an anchor whose other uses would change, a value that `<<` brings, or YAML
that the cuts do not foresee ends in a refusal with the place, never in a file that means something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devenv.core.edit.paths import APPEND, Path, Step, path_text
from devenv.core.edit.surgery import Splice, Text, spliced
from devenv.core.suggest import suggest
from devenv.core.yaml.places import Place, places
from devenv.core.yaml.source import parse
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.data import Tagged, same
from devenv.model.data import text as text_of
from devenv.records import frozen

_BOM = "\ufeff"
_ADDS = "[+] adds one"
_NONE: Any = object()

_Cut = tuple[Splice, Path, Any]
"""What becomes of the text, and of the data: the value at a path, or _NONE."""


@frozen
class Change:
    """`value` (data of mappings, lists and scalars) is put at `path`; without one, what is there is taken out, and with
    `emptied` the collections that are left empty, too."""

    path: Path
    value: Any = _NONE
    emptied: bool = False


def put(text: str, path: Path, value: Any, *, file: str) -> str:
    """`text` with `value` at `path`; mappings on the way are made.

    The text comes back unchanged when the value is there already. A scalar keeps the quotes of the one that it
    replaces. Raises DevenvError: the problems of a text that cannot be read, DE741 for a path that leads nowhere,
    DE742 where the text cannot be changed at that place alone.
    """
    return _Edit(text, file).change([Change(path, value)])


def remove(text: str, path: Path, *, file: str, emptied: bool = False) -> str:
    """`text` without the entry or item at `path` and the comments that belong to it.

    A collection that is left empty is written as `{}` or `[]`, or with `emptied` removed as well. Raises as `put`.
    """
    return _Edit(text, file).change([Change(path, emptied=emptied)])


def change(text: str, changes: Sequence[Change], *, file: str) -> str:
    """`text` with all of the changes, of which a later one may be of what an earlier one left. Raises as `put`.

    As far as they do not touch each other they are made at once, since each reading of a large file takes its time.
    """
    if len(changes) > 1:
        try:
            return _Edit(text, file).change(changes)
        except DevenvError:
            pass  # one takes what another needs, or is wrong: one after the other tells
    for one in changes:
        text = _Edit(text, file).change([one])
    return text


class _Edit:
    def __init__(self, text: str, file: str) -> None:
        self.bom = _BOM if text.startswith(_BOM) else ""
        self.text = text.removeprefix(_BOM)
        self.file = file
        self.data = _read(self.text, file)
        root = places(self.text)
        if root is None or root.kind != "map" or not root.keys:
            message = f"{file} is empty" if self.data is None else f"{file} is not a mapping with entries"
            raise DevenvError.of("DE742", message, hint="start it with the line 'devenv: 1'")
        self.root = root
        self.cutter = Text(self.text, root)

    def change(self, changes: Sequence[Change]) -> str:
        """The text after the changes, if it means just what they want."""
        cuts = [
            self.remove(one.path, one.emptied) if one.value is _NONE else self.put(one.path, one.value)
            for one in changes
        ]
        return self.finish([cut for cut in cuts if cut is not None])

    def put(self, path: Path, value: Any) -> _Cut | None:
        chain, steps, rest = self.walk(path)
        if not rest:
            return self.replace(*chain[-1], steps, value)
        place = _inside(*chain[-1]) if chain else self.root
        goal = (*steps, *rest)
        if place.empty:
            wrapped = self.wrapped(place, rest, value, path)
            return self.cutter.fill(place, wrapped, self.indent(*chain[-1])), goal, value
        first, *below = rest
        data = _untagged(_at(self.data, steps))
        if below and isinstance(data, dict) and first in data:
            raise self.refusal(place, f"'{first}' comes here by '<<'; change it where it is written")
        name = first if isinstance(first, str) else None
        return self.cutter.add(place, name, self.wrapped(place, below, value, path)), goal, value

    def replace(self, around: Place, number: int, path: Path, value: Any) -> _Cut | None:
        place, indent = _inside(around, number), self.indent(around, number)
        if place.kind == "alias":
            raise self.refusal(place, f"the value is the alias *{place.name}; change it where &{place.name} stands")
        if same(_untagged(_at(self.data, path)), value):
            return None
        if place.empty:
            return self.cutter.fill(place, value, indent), path, value
        if place.quote in ("'", '"') and isinstance(value, bool | int | float):
            value = text_of(value)
        return self.cutter.replace(place, value, indent, flow=around.flow), path, value

    def remove(self, path: Path, emptied: bool) -> _Cut:
        chain, steps, rest = self.walk(path)
        if rest:
            place = _inside(*chain[-1]) if chain else self.root
            names = [one.name for one in place.keys]
            hint = suggest(str(rest[0]), names) or (f"it has {', '.join(names[:12])}" if names else None)
            raise self.refusal(place, f"there is no {path_text((*steps, rest[0]))}", "DE741", hint)
        while emptied and len(chain) > 1 and len(chain[-1][0].values) == 1:
            chain.pop()
        place, number = chain[-1]
        if len(place.values) > 1:
            return self.cutter.take(place, number), steps[: len(chain)], _NONE
        if len(chain) == 1:
            raise self.refusal(place, f"{path_text(path)} is all that there is")
        return self.cutter.empty(place, self.indent(*chain[-2])), steps[: len(chain)], _NONE

    def walk(self, path: Path) -> tuple[list[tuple[Place, int]], Path, list[Step]]:
        """The entries along a path, as a collection and a number in it; their steps, of which a key with dots is one;
        and the steps for which there is nothing yet."""
        chain, steps, rest = list[tuple[Place, int]](), Path(), list(path)
        place = self.root
        while rest and not place.empty:
            self.open(place, steps)
            step, used = self.step(place, rest)
            number = self.number(place, step, path)
            if number is None:
                break
            chain.append((place, number))
            steps, rest, place = (*steps, step), rest[used:], _inside(place, number)
        return chain, steps, rest

    def indent(self, around: Place, number: int) -> int:
        """The column of the key that a value stands at, or of one that an item would have in its place."""
        column = self.cutter.column((around.keys or around.values)[number].start)
        return column if around.keys else column - self.cutter.step

    def open(self, place: Place, path: Path) -> None:
        """Refuses to step into what holds no entries."""
        if place.kind == "alias":
            raise self.refusal(place, f"{path_text(path)} is the alias *{place.name}; change &{place.name} instead")
        if place.kind == "scalar":
            raise self.refusal(place, f"{path_text(path)} is a single value, with nothing below it", "DE741")

    def step(self, place: Place, rest: list[Step]) -> tuple[Step, int]:
        """The next key or number, and how many steps of the path it takes: a key with dots needs no quotes."""
        first = rest[0]
        if place.kind == "map" and isinstance(first, str):
            for count in range(len(rest), 1, -1):
                words = rest[:count]
                if all(isinstance(word, str) for word in words):
                    joined = ".".join(map(str, words))
                    if place.find(joined) is not None:
                        return joined, count
        return first, 1

    def number(self, place: Place, step: Step, path: Path) -> int | None:
        """Which entry a step means; None for one that is to be made."""
        if place.kind == "map":
            if isinstance(step, int):
                raise self.refusal(place, f"{path_text(path)}: [{step}] is for lists, and this is a mapping", "DE741")
            found = place.find(step)
            if found is not None and place.keys[found].merges:
                raise self.refusal(place.keys[found], "'<<' is changed by hand: other values come by it")
            return found
        if isinstance(step, str):
            hint = "items are [0], [1], …, and [+] is a new one at the end"
            raise self.refusal(place, f"{path_text(path)}: '{step}' is looked for in a list", "DE741", hint)
        if step == APPEND:
            return None
        count = len(place.values)
        if not -count <= step < count:
            items = "1 item" if count == 1 else f"{count} items"
            raise self.refusal(place, f"{path_text(path)}: the list has {items}", "DE741", _ADDS)
        return step % count

    def wrapped(self, place: Place, steps: list[Step], value: Any, path: Path) -> Any:
        """`value` below the mappings (or in the list) that the rest of a path asks for."""
        for step in reversed(steps):
            if isinstance(step, int) and step != APPEND:
                raise self.refusal(place, f"{path_text(path)}: there is no list with an item [{step}]", "DE741", _ADDS)
            value = [value] if isinstance(step, int) else {step: value}
        return value

    def finish(self, cuts: Sequence[_Cut]) -> str:
        new, wanted = spliced(self.text, [splice for splice, _, _ in cuts]), self.data
        if new is None:
            raise self.refusal(self.root, "two changes are of the same lines")
        for _, path, value in sorted(cuts, key=lambda cut: cut[0].start, reverse=True):  # items keep their numbers
            wanted = _changed(wanted, path, value)
        try:
            found = _read(new, self.file)
        except DevenvError:
            found = None
        if not same(found, wanted):
            splice, path, _ = cuts[0]
            behind = self.text[splice.start :].lstrip()
            mark = self.root_place(len(self.text) - len(behind) if behind else len(self.text.rstrip()))
            message = f"{path_text(path)} cannot be changed without changing something else of the file"
            raise self.problem("DE742", message, mark, "an anchor is used elsewhere, or the YAML is unusual here")
        return self.bom + new

    def root_place(self, at: int) -> Mark:
        line = self.text.count("\n", 0, at) + 1
        return Mark(self.file, line, self.cutter.column(at) + 1)

    def refusal(self, place: Place, message: str, code: str = "DE742", hint: str | None = None) -> DevenvError:
        return self.problem(code, message, self.root_place(place.start), hint)

    def problem(self, code: str, message: str, mark: Mark, hint: str | None) -> DevenvError:
        excerpt = self.text.split("\n")[mark.line - 1].rstrip("\r")
        return DevenvError(Problem(code, message, mark, hint=hint, excerpt=excerpt))


def _read(text: str, file: str) -> Any:
    report = Report()
    data = parse(text, file, report)
    report.raise_if_errors()
    return data


def _inside(place: Place, number: int) -> Place:
    return place.values[number]


def _at(data: Any, path: Path) -> Any:
    for step in path:
        inside: Any = _untagged(data)
        data = inside[step]
    return data


def _untagged(data: Any) -> Any:
    """What a tag (`!override`) stands before."""
    return data.value if isinstance(data, Tagged) else data


def _changed(data: Any, path: Sequence[Step], value: Any) -> Any:
    """A copy of `data` with the value at a path, or without it when there is none; `!override` before it stays."""
    if not path:
        return Tagged(data.tag, value) if isinstance(data, Tagged) and data.tag == "!override" else value
    if isinstance(data, Tagged):
        return Tagged(data.tag, _changed(data.value, path, value))
    key, *rest = path
    if data is None:
        data = [] if isinstance(key, int) else {}
    if key == APPEND:
        return [*data, _changed(None, rest, value)]
    copy: Any = list(data) if isinstance(data, list) else dict(data)
    if value is _NONE and not rest:
        del copy[key]
    else:
        copy[key] = _changed(copy.get(key) if isinstance(copy, dict) else copy[key], rest, value)
    return copy
