"""Values at the edges of what a template's parameters take: the least, the most, and what tries to break out."""

from __future__ import annotations

import re
from typing import Any

from devenv.core.templates.parameters import Mismatch, convert
from devenv.model.template import Parameter, Template
from devenv.records import replace

FILE, FOLDER = "./edge/a file.txt", "./edge/a folder"
"""Paths that a test of a template provides: an empty file and an empty folder, with a blank in their names."""

_LONG = 24  # words of the longest text
_ROUNDS = 10  # of a pattern's repeat, in the longest; a repeat in a repeat stays within what is held to a pattern
_HOSTILE = "'\"`$$(id) $${HOME} \\ #: {[- &*!|>%@\n  privileged: true\n"


def values(template: Template, kind: str) -> dict[str, Any]:
    """`with:` for every parameter at one end: `low` or `high`; for `required` only what has to be given."""
    if kind == "required":
        wanted = {n: p for n, p in template.parameters.items() if p.default is None and not p.optional}
        return {name: _edge(parameter, high=False) for name, parameter in wanted.items()}
    return {name: _edge(parameter, high=kind == "high") for name, parameter in template.parameters.items()}


def hostile(template: Template) -> dict[str, Any]:
    """`with:` of texts that would break out of a text template, where the parameter's type and pattern take them."""
    result = values(template, "required")
    for name, parameter in template.parameters.items():
        for value in (_HOSTILE, [_HOSTILE], "'; id; '", ["'; id; '"]):
            try:
                convert(parameter, value)
            except Mismatch:
                continue
            if (parameter.type if parameter.type != "list" else parameter.items) == "string":
                result[name] = value
                break
    return result


def _edge(parameter: Parameter, *, high: bool) -> Any:
    if parameter.type == "mapping" or "record" in (parameter.type, parameter.items):
        return parameter.default if parameter.default is not None else {}
    if parameter.type == "list":
        one = replace(parameter, type=parameter.items)
        return [_scalar(one, high=False), _scalar(one, high=True)] if high else []
    return _scalar(parameter, high=high)


def _scalar(parameter: Parameter, *, high: bool) -> Any:
    bound = parameter.max if high else parameter.min
    match parameter.type:
        case "enum":
            return parameter.values[-1 if high else 0]
        case "boolean":
            return high
        case "integer":
            return int(bound) if bound is not None else (65535 if high else 0)
        case "number":
            return bound if bound is not None else (1000.5 if high else 0)
        case "size":
            return f"{int(bound)}" if bound is not None else ("8g" if high else "1m")
        case "duration":
            return f"{int(bound)}s" if bound is not None else ("365d" if high else "1s")
        case "file":
            return FILE
        case "directory":
            return FOLDER
    return _text(parameter, high=high)


def _text(parameter: Parameter, *, high: bool) -> str:
    if parameter.pattern is None:
        return "long-" * _LONG if high else "a"
    for found in (matching(parameter.pattern, high=high), matching(parameter.pattern, high=not high)):
        if re.fullmatch(parameter.pattern, found):
            return found
    return str(parameter.default or "")


def matching(pattern: str, *, high: bool) -> str:
    """A text that a regular expression takes: of its longest, or its shortest. What it looks around at is not seen."""
    from re import _constants as c  # type: ignore[attr-defined]
    from re import _parser  # type: ignore[attr-defined]

    def one(items: Any) -> str:
        return "".join(map(part, items))

    def part(item: tuple[Any, Any]) -> str:
        kind, detail = item
        if kind is c.LITERAL:
            return chr(detail)
        if kind in (c.MAX_REPEAT, c.MIN_REPEAT):
            least, most, inside = int(detail[0]), int(detail[1]), detail[2]
            times = max(least, min(most, max(least, _ROUNDS) if most > 1000 else most)) if high else least
            return one(inside) * times
        if kind is c.SUBPATTERN:
            return one(detail[3])
        if kind is c.BRANCH:
            return (max if high else min)(map(one, detail[1]), key=len)
        if kind is c.IN:
            return _member(detail, high)
        if kind in (c.ANY, c.NOT_LITERAL):
            return "z" if kind is c.ANY or detail != ord("z") else "y"
        return ""

    return one(_parser.parse(pattern))


def _member(members: Any, high: bool) -> str:
    """A character of a set: its last with `high`, else its first; of an inverted one a letter that is not in it."""
    from re import _constants as c  # type: ignore[attr-defined]

    classes = {c.CATEGORY_DIGIT: "09", c.CATEGORY_WORD: "az", c.CATEGORY_SPACE: "  "}
    inverted = members[0][0] is c.NEGATE
    found: list[str] = []
    for kind, detail in members:
        if kind is c.LITERAL:
            found.append(chr(detail))
        elif kind is c.RANGE:
            found += [chr(detail[0]), chr(detail[1])]
        elif kind is c.CATEGORY:
            found += classes.get(detail, "az")
    if inverted:
        return next((letter for letter in "azx0_-" if letter not in found), "a")
    return found[-1 if high else 0] if found else ""
