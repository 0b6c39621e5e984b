"""One value put into a manifest's text, or taken out; what a cut would do beyond that is noticed, and refused.

An edit is made twice: in the text, by a splice, and in the data that the text stands for. Only when the new text is
read as the new data is it handed back. So an anchor whose other uses would change, a value that `<<` brings, or YAML
that the cuts do not foresee ends in a refusal with the place, never in a file that means something else.
"""

from __future__ import annotations

from typing import Any

from devenv.core.edit.paths import APPEND, Path, Step, path_text
from devenv.core.edit.places import Place, places
from devenv.core.edit.surgery import Splice, Text
from devenv.core.suggest import suggest
from devenv.core.yaml.source import parse
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.data import Plain, Tagged

_BOM = "\ufeff"
_ADDS = "[+] adds one"


def put(text: str, path: Path, value: Any, *, file: str) -> str:
    """`text` with `value` (data of mappings, lists and scalars) at `path`; mappings on the way are made.

    The text comes back unchanged when the value is there already. A scalar keeps the quotes of the one that it
    replaces. Raises DevenvError: the problems of a text that cannot be read, DE741 for a path that leads nowhere,
    DE742 where the text cannot be changed at that place alone.
    """
    return _Edit(text, file).put(path, value)


def remove(text: str, path: Path, *, file: str, emptied: bool = False) -> str:
    """`text` without the entry or item at `path` and the comments that belong to it.

    A collection that is left empty is written as `{}` or `[]`, or with `emptied` removed as well. Raises as `put`.
    """
    return _Edit(text, file).remove(path, emptied=emptied)


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

    def put(self, path: Path, value: Any) -> str:
        place = self.root
        data: Any = self.data
        rest = list(path)
        while rest:
            self.open(place, path[: len(path) - len(rest)])
            step, used = self.step(place, rest)
            number = self.number(place, step, path)
            rest = rest[used:]
            if number is None:
                if rest and isinstance(data, dict) and step in data:
                    raise self.refusal(place, f"'{step}' comes here by '<<'; change it where it is written")
                name = step if isinstance(step, str) else None
                return self.finish(self.cutter.add(place, name, self.wrapped(place, rest, value, path)), path, value)
            inside = place.values[number]
            head = self.cutter.column((place.keys or place.values)[number].start)
            indent = head if place.keys else head - self.cutter.step
            if not rest:
                return self.replace(place, inside, indent, path, value)
            key: Any = step
            data = _untagged(data[key])
            if inside.empty:
                wrapped = self.wrapped(inside, rest, value, path)
                return self.finish(self.cutter.fill(inside, wrapped, indent), path, value)
            place = inside
        raise AssertionError("a path has steps")

    def replace(self, around: Place, place: Place, indent: int, path: Path, value: Any) -> str:
        if place.kind == "alias":
            raise self.refusal(place, f"the value is the alias *{place.name}; change it where &{place.name} stands")
        if same(_untagged(_at(self.data, path)), value):
            return self.bom + self.text
        if place.empty:
            return self.finish(self.cutter.fill(place, value, indent), path, value)
        if place.quote in ("'", '"') and isinstance(value, bool | int | float):
            value = str(value) if not isinstance(value, bool) else ("true" if value else "false")
        return self.finish(self.cutter.replace(place, value, indent, flow=around.flow), path, value)

    def remove(self, path: Path, *, emptied: bool) -> str:
        place, chain = self.root, list[tuple[Place, int]]()
        rest = list(path)
        steps: list[Step] = []
        while rest:
            self.open(place, tuple(steps))
            step, used = self.step(place, rest)
            number = self.number(place, step, path)
            if number is None:
                names = [one.name for one in place.keys]
                hint = suggest(str(step), names) or (f"there are {', '.join(names[:12])}" if names else None)
                raise self.refusal(place, f"there is no {path_text((*steps, step))}", "DE741", hint)
            chain.append((place, number))
            steps.append(step)
            place, rest = place.values[number], rest[used:]
        while emptied and len(chain) > 1 and len(chain[-1][0].values) == 1:
            chain.pop()
            steps.pop()
        place, number = chain[-1]
        if len(place.values) > 1:
            return self.finish(self.cutter.take(place, number), tuple(steps))
        empty = "{}" if place.kind == "map" else "[]"
        if place.flow:
            return self.finish(Splice(place.body, place.end, empty), tuple(steps))
        key = chain[-2][0].keys[chain[-2][1]] if len(chain) > 1 and chain[-2][0].keys else None
        if key is None:
            raise self.refusal(place, f"{path_text(path)} is all that there is")
        start = self.text.index(":", key.end) + 1
        return self.finish(Splice(start, place.end, f" {empty}"), tuple(steps))

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
            return place.find(step)
        if isinstance(step, str):
            hint = "items are [0], [1], …, and [+] is a new one at the end"
            raise self.refusal(place, f"{path_text(path)}: '{step}' is looked for in a list", "DE741", hint)
        if step == APPEND:
            return None
        count = len(place.values)
        if not -count <= step < count:
            raise self.refusal(place, f"{path_text(path)}: the list has {count} items", "DE741", _ADDS)
        return step % count

    def wrapped(self, place: Place, steps: list[Step], value: Any, path: Path) -> Any:
        """`value` below the mappings (or in the list) that the rest of a path asks for."""
        for step in reversed(steps):
            if isinstance(step, int) and step != APPEND:
                raise self.refusal(place, f"{path_text(path)}: there is no list with an item [{step}]", "DE741", _ADDS)
            value = [value] if isinstance(step, int) else {step: value}
        return value

    def finish(self, splice: Splice, path: Path, *value: Any) -> str:
        """The text after the splice, if it means just what the edit wants."""
        new = self.text[: splice.start] + splice.new + self.text[splice.end :]
        wanted = _changed(self.data, list(path), *value)
        try:
            found = _read(new, self.file)
        except DevenvError:
            found = None
        if not same(found, wanted):
            behind = self.text[splice.start :].lstrip()
            at = self.root_place(len(self.text) - len(behind) if behind else len(self.text.rstrip()))
            message = f"{path_text(path)} cannot be changed without changing something else of the file"
            raise self.problem("DE742", message, at, "an anchor is used elsewhere, or the YAML is unusual here")
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


def _at(data: Any, path: Path) -> Any:
    return _walk(data, list(path))[-1]


def _walk(data: Any, rest: list[Step]) -> list[Any]:
    """The values along a path, a key with dots taken as one."""
    found: list[Any] = [data]
    while rest:
        inside = _untagged(found[-1])
        key, used = _key(inside, rest)
        found.append(inside[key])
        rest = rest[used:]
    return found


def _untagged(data: Any) -> Any:
    """What a tag (`!override`) stands before."""
    return data.value if isinstance(data, Tagged) else data


def _key(data: Any, rest: list[Step]) -> tuple[Any, int]:
    if isinstance(data, dict):
        for count in range(len(rest), 0, -1):
            joined = ".".join(map(str, rest[:count]))
            if joined in data:
                return joined, count
    return rest[0], 1


def _changed(data: Any, rest: list[Step], *value: Any) -> Any:
    """A copy of `data` with the value at a path, or without it when there is none; `!override` before it stays."""
    if not rest:
        return Tagged(data.tag, value[0]) if isinstance(data, Tagged) and data.tag == "!override" else value[0]
    if isinstance(data, Tagged):
        return Tagged(data.tag, _changed(data.value, rest, *value))
    if data is None:
        data = [] if isinstance(rest[0], int) else {}
    key, used = _key(data, rest)
    if isinstance(data, list):
        copy: Any = list(data)
        if key == APPEND:
            return [*copy, _changed(None, rest[used:], *value)]
    else:
        copy = dict(data)
    if not value and used == len(rest):
        del copy[key]
    else:
        inside = copy.get(key) if isinstance(copy, dict) else copy[key]
        copy[key] = _changed(inside, rest[used:], *value)
    return copy


def same(one: Any, other: Any) -> bool:
    """Whether two pieces of data mean the same: the number 1, the text "1" and true are three."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Tagged) and isinstance(other, Tagged):
        return one.tag == other.tag and same(one.value, other.value)
    if isinstance(one, Plain) or isinstance(other, Plain):
        return type(one) is type(other) and str(one) == str(other)
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return type(one) is type(other) and bool(one == other)
