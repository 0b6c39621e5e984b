"""Typed parameters of a template: what `with:` says, checked and turned into values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Any

from devenv.core.suggest import suggest
from devenv.errors import Mark, Report
from devenv.model.data import Map, Plain, Seq, mark_of, text
from devenv.model.stack import RequiredPath
from devenv.model.template import Parameter, Template

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(slots=True)
class Values:
    """The parameters of one instance: None for an optional one that is not set; `marks` where `with:` set them."""

    values: dict[str, Any]
    marks: dict[str, Mark] = field(default_factory=dict)
    requires: list[RequiredPath] = field(default_factory=list)


class Mismatch(ValueError):
    """A value that a parameter does not take; the text says what it takes."""


def take(template: Template, with_: Map, service: str, report: Report, mark: Mark | None = None) -> Values:
    """The values of all parameters of `template` from `with_`; adds a problem for each that is wrong or missing.

    `mark` is where the service stands, for when there is no `with:` at all.
    """
    path = f"services.{service}.with"
    result = Values({})
    for key in with_:
        if key not in template.parameters:
            hint = suggest(key, template.parameters) or _names(template)
            where = mark_of(with_, key, of_key=True)
            report.add("DE305", f"template '{template.name}' has no parameter '{key}'", where, path=path, hint=hint)
    for name, parameter in template.parameters.items():
        given = with_.get(name)
        if given is None:
            result.values[name] = _default(parameter)
            if parameter.default is None and not parameter.optional:
                message = f"template '{template.name}' needs the parameter '{name}'"
                report.add("DE306", message, with_.mark or mark, path=path, hint=parameter.description or None)
            continue
        place = mark_of(with_, name)
        try:
            value = convert(parameter, given)
        except Mismatch as problem:
            report.add("DE307", f"'{name}' {problem}", place, path=f"{path}.{name}")
            value = _default(parameter)  # so that the rest can be looked at
        result.values[name] = value
        if place is not None:
            result.marks[name] = place
        result.requires += _required(parameter, name, value, place)
    return result


def convert(parameter: Parameter, value: Any) -> Any:
    """`value` as the parameter's type. Raises Mismatch."""
    if parameter.type == "list":
        if not isinstance(value, list):
            raise Mismatch("takes a list")
        each = parameter.model_copy(update={"type": parameter.items})
        return Seq(_scalar(each, item) for item in value)
    return _scalar(parameter, value)


def _default(parameter: Parameter) -> Any:
    if parameter.default is not None:
        return convert(parameter, parameter.default)
    return Seq() if parameter.type == "list" else None


def _scalar(parameter: Parameter, value: Any) -> Any:
    if value is None or isinstance(value, dict | list) or not isinstance(value, str | bool | int | float):
        raise Mismatch(f"takes {_article(parameter.type)}")
    result = _CONVERT[parameter.type](value)
    if parameter.type == "enum" and result not in parameter.values:
        hint = suggest(text(result), parameter.values)
        raise Mismatch(f"takes one of {', '.join(parameter.values)}" + (f"; {hint}" if hint else ""))
    if parameter.pattern is not None and not re.fullmatch(parameter.pattern, text(value)):
        raise Mismatch(f"must match {parameter.pattern}")
    if isinstance(result, int | float) and not isinstance(result, bool):
        if parameter.min is not None and result < parameter.min:
            raise Mismatch(f"must be at least {parameter.min:g}")
        if parameter.max is not None and result > parameter.max:
            raise Mismatch(f"must be at most {parameter.max:g}")
    return result


def _article(kind: str) -> str:
    return f"an {kind}" if kind in ("integer", "enum") else f"a {kind}"


def _string(value: Any) -> str:
    return text(value)


def _integer(value: Any) -> int:
    number = value.value if isinstance(value, Plain) else value
    if isinstance(number, bool) or not isinstance(number, int):
        raise Mismatch("takes an integer")
    return number


def _number(value: Any) -> int | float:
    number = value.value if isinstance(value, Plain) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise Mismatch("takes a number")
    return number


def _boolean(value: Any) -> bool:
    flag = value.value if isinstance(value, Plain) else value
    if not isinstance(flag, bool):
        raise Mismatch("takes true or false")
    return flag


def _path(value: Any) -> str:
    """A path relative to the manifest's folder, written so that no reader takes it for a volume's name."""
    path = text(value)
    if not path or "\n" in path or "\0" in path:
        raise Mismatch("takes a path")
    if path.startswith(("/", "./", "../", "~", "$", "\\")) or path in (".", "..") or _WINDOWS_PATH.match(path):
        return path
    return f"./{path}"


def _size(value: Any) -> int:
    """Bytes."""
    match = _SIZE.fullmatch(text(value).strip())
    if match is None:
        raise Mismatch("takes a size such as 256m or 1g")
    return int(float(match[1]) * _UNITS[match[2].lower()])


def _duration(value: Any) -> int:
    """Whole seconds; a plain number is seconds."""
    written = text(value).strip()
    if re.fullmatch(r"\d+", written):
        return int(written)
    if not _DURATION.fullmatch(written):
        raise Mismatch("takes a duration such as 30s, 5m or 1h30m")
    return round(sum(float(n) * _SECONDS[unit] for n, unit in _DURATION_PART.findall(written)))


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "enum": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "file": _path,
    "directory": _path,
    "size": _size,
    "duration": _duration,
}


def _required(parameter: Parameter, name: str, value: Any, mark: Mark | None) -> list[RequiredPath]:
    kind = parameter.items if parameter.type == "list" else parameter.type
    if value is None or kind not in ("file", "directory"):
        return []
    paths = value if isinstance(value, list) else [value]
    exact: Any = kind
    return [RequiredPath(normpath(path), exact, mark, f"parameter '{name}'") for path in paths if "$" not in path]


def _names(template: Template) -> str:
    if not template.parameters:
        return "it has no parameters"
    return "it has " + ", ".join(template.parameters)
