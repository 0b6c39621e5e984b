"""Typed parameters of a template: what `with:` says, checked and turned into values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from posixpath import normpath
from typing import Any

from devenv.core.compose.interpolate import default_of, variables_of
from devenv.core.compose.paths import entering, escapes
from devenv.core.compose.sizes import UNITS, bytes_of
from devenv.core.stack.references import found
from devenv.core.suggest import suggest
from devenv.core.templates.patterns import LONGEST
from devenv.core.templates.placeholders import Fill
from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, mark_of, meant, text, whole
from devenv.model.manifest import Included
from devenv.model.stack import RequiredPath
from devenv.model.template import Parameter, Template
from devenv.records import field, mutable, replace

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]")


@mutable
class Values:
    """The parameters of one instance: None for an optional one that is not set; `marks` where `with:` set them.

    `paths` are the files and folders that the person named.
    """

    values: dict[str, Any]
    marks: dict[str, Mark] = field(default_factory=dict)
    requires: list[RequiredPath] = field(default_factory=list)
    paths: frozenset[str] = frozenset()


class Mismatch(ValueError):
    """A value that a parameter does not take; the text says what it takes, `mark` which part of the value is meant.

    `all` are this one and what else is wrong in the same value.
    """

    def __init__(self, message: str, mark: Mark | None = None, others: Sequence[Mismatch] = ()) -> None:
        super().__init__(message)
        self.mark = mark
        self.all = (self, *others)


def take(
    template: Template,
    with_: Map,
    service: str,
    report: Report,
    mark: Mark | None = None,
    included: Included | None = None,
) -> Values:
    """The values of all parameters of `template` from `with_`; adds a problem for each that is wrong or missing.

    `mark` is where what is missing is reported: at the key `with`, or where there is none, the service's. `included`
    says whose folder paths are relative to.
    """
    path = f"services.{service}.with"
    result = Values({})
    for key in with_:
        if key in template.secrets and key not in template.parameters:
            if isinstance(with_[key], dict | list | None):
                report.add("DE307", f"the secret '{key}' is text", mark_of(with_, key), path=path)
        elif key not in template.parameters:
            hint = suggest(key, template.parameters) or _names(template)
            where = mark_of(with_, key, of_key=True)
            report.add("DE305", f"template '{template.name}' has no parameter '{key}'", where, path=path, hint=hint)
    for name, parameter in template.parameters.items():
        given = with_.get(name)
        if given is None:
            result.values[name] = _default(parameter)
            if parameter.default is None and not parameter.optional:
                message = f"template '{template.name}' needs the parameter '{name}'"
                where = with_.keys_at.get(name) or mark or with_.mark
                report.add("DE306", message, where, path=path, hint=parameter.description or None)
                result.paths |= _nowhere(parameter)
            continue
        place = mark_of(with_, name)
        try:
            value = convert(parameter, given)
        except Mismatch as problem:
            for one in problem.all:
                report.add("DE307", f"'{name}' {one}", one.mark or place, path=f"{path}.{name}")
            value = _default(parameter)  # so that the rest can be looked at
            result.paths |= _nowhere(parameter)
        if included is not None:
            value = _entered(parameter, name, value, included, place, path, report)
        result.values[name] = value
        if place is not None:
            result.marks[name] = place
        if takes_path(parameter) and value is not None:
            result.paths |= frozenset(value if isinstance(value, list) else [value])
        result.requires += _required(parameter, name, value, place)
    scope = {f"with.{name}": value for name, value in result.values.items()}
    for name, parameter in template.parameters.items():
        result.values[name] = written_out(parameter, result.values[name], scope)
    return result


def convert(parameter: Parameter, value: Any) -> Any:
    """`value` as the parameter's type. Raises Mismatch."""
    if parameter.type == "list":
        if not isinstance(value, list):
            raise Mismatch("takes a list")
        return _items(replace(parameter, type=parameter.items), value)
    if parameter.type == "record":
        return _record(parameter.fields, value)
    if parameter.type == "mapping":
        if not isinstance(value, dict):
            raise Mismatch("takes a mapping")
        return value
    return _scalar(parameter, value)


def _items(parameter: Parameter, items: list[Any]) -> Seq:
    """Every item converted. Raises Mismatch with all that are wrong."""
    found, wrong = Seq(), []
    for i, item in enumerate(items):
        try:
            found.append(convert(parameter, item))
        except Mismatch as problem:
            wrong += [Mismatch(str(one), one.mark or mark_of(items, i)) for one in problem.all]
    _raise(wrong)
    return found


def _raise(wrong: list[Mismatch]) -> None:
    if wrong:
        raise Mismatch(str(wrong[0]), wrong[0].mark, wrong[1:])


def written_out(parameter: Parameter, value: Any, scope: Mapping[str, Any]) -> Any:
    """`value` with every item of a list as its `each` says, `scope` being what else a placeholder may name."""
    if parameter.type != "list" or not parameter.each:
        return value
    written = Seq(items_at=getattr(value, "items_at", None))
    for item in value:
        own: dict[str, Any] = {"item": item}
        if parameter.items == "record":
            own = {name: written_out(parameter.fields[name], one, scope) for name, one in item.items()}
        written.append(Fill({**scope, **own}, lambda *_: None, {}).text(parameter.each))
    return written


def _record(fields: Mapping[str, Parameter], value: Any) -> dict[str, Any]:
    """A value per field, defaults among them. Raises Mismatch with all that is wrong, naming the field."""
    first = next(iter(fields))
    given = value if isinstance(value, dict) else {first: value}
    if isinstance(value, list | None):
        raise Mismatch(f"takes a mapping of {', '.join(fields)}, or {_article(fields[first].type)}: its {first}")
    wrong: list[Mismatch] = []
    for key in given:
        if key not in fields:
            hint = suggest(key, fields)
            known = f"; {hint}" if hint else f": {', '.join(fields)}"
            wrong.append(Mismatch(f"has no '{key}' in an item{known}", mark_of(given, key, of_key=True)))
    misspelt, found = bool(wrong), {}
    for name, field_ in fields.items():
        if given.get(name) is None:
            if field_.default is not None or field_.optional:
                found[name] = _default(field_)
            elif name in given or not misspelt:  # otherwise the unknown key is what is wrong
                where = mark_of(given, name, of_key=True) if name in given else None
                wrong.append(Mismatch(f"needs '{name}' in every item", where))
            continue
        try:
            found[name] = convert(field_, given[name])
        except Mismatch as problem:
            place = mark_of(given, name)
            wrong += [Mismatch(f"'{name}' of an item {one}", one.mark or place) for one in problem.all]
    _raise(wrong)
    return found


def _default(parameter: Parameter) -> Any:
    if parameter.default is not None:
        return convert(parameter, parameter.default)
    return Seq() if parameter.type == "list" else None


def _nowhere(parameter: Parameter) -> frozenset[str]:
    """What a path that is missing or wrong is in the template's service: that it is told once is enough."""
    return frozenset([""]) if takes_path(parameter) else frozenset()


def _scalar(parameter: Parameter, value: Any) -> Any:
    if value is None or isinstance(value, dict | list) or not isinstance(value, str | bool | int | float):
        raise Mismatch(f"takes {_article(parameter.type)}")
    result = _CONVERT[parameter.type](value)
    if parameter.type == "enum" and result not in parameter.values:
        hint = suggest(text(result), parameter.values)
        raise Mismatch(f"takes one of {', '.join(parameter.values)}" + (f"; {hint}" if hint else ""))
    # What another service will say, or this machine, is not known yet.
    said = default_of(text(value))
    if parameter.pattern is not None and not (found(text(value)) or variables_of(said)):
        if len(said) > LONGEST:
            raise Mismatch(f"takes at most {LONGEST} characters")
        if not re.fullmatch(parameter.pattern, said):
            raise Mismatch(f"must match {parameter.pattern}")
    if isinstance(result, int | float) and not isinstance(result, bool):
        if parameter.min is not None and result < parameter.min:
            raise Mismatch(f"must be at least {said_of(parameter.type, parameter.min)}")
        if parameter.max is not None and result > parameter.max:
            raise Mismatch(f"must be at most {said_of(parameter.type, parameter.max)}")
    return result


def said_of(kind: str, bound: float) -> str:
    """A bound as a person writes a value of the type: a size or a duration in the largest unit that leaves no rest."""
    units: Mapping[str, float] = UNITS if kind == "size" else SECONDS if kind == "duration" else {}
    for unit in sorted(units, key=lambda unit: -units[unit]):
        if bound and bound % units[unit] == 0:
            return f"{bound / units[unit]:.0f}{unit}"
    return f"{bound:.0f}" if float(bound).is_integer() else str(bound)


def _article(kind: str) -> str:
    return f"an {kind}" if kind in ("integer", "enum") else f"a {kind}"


def _string(value: Any) -> str:
    return text(value)


def _integer(value: Any) -> int:
    number = whole(value)
    if number is None:
        raise Mismatch("takes an integer")
    return number


def _number(value: Any) -> int | float:
    number = meant(value)
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise Mismatch("takes a number")
    return number


def _boolean(value: Any) -> bool:
    flag = meant(value)
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
    size = bytes_of(text(value))
    if size is None:
        raise Mismatch("takes a size such as 256m or 1g")
    return size


def _duration(value: Any) -> int:
    """Whole seconds; a plain number is seconds."""
    written = text(value).strip()
    if re.fullmatch(r"\d+", written):
        return int(written)
    if not _DURATION.fullmatch(written):
        raise Mismatch("takes a duration such as 30s, 5m or 1h30m")
    return round(sum(float(n) * SECONDS[unit] for n, unit in _DURATION_PART.findall(written)))


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


def _entered(
    parameter: Parameter, name: str, value: Any, included: Included, mark: Mark | None, path: str, report: Report
) -> Any:
    """A path that another file says, as one relative to the manifest's folder; a remote file's stays in its tree."""
    if value is None or not takes_path(parameter):
        return value
    paths = value if isinstance(value, list) else [value]
    if included.tree is not None and any(escapes(one, included.folder, included.tree) for one in paths):
        message = f"'{name}' leads out of its own repository"
        report.add("DE343", message, mark, path=f"{path}.{name}", hint="copy the file into this repository")
    move = entering(included.folder)
    return Seq(move(one) for one in paths) if isinstance(value, list) else move(value)


def takes_path(parameter: Parameter) -> bool:
    """Whether its values are files or folders of the person's."""
    return (parameter.items if parameter.type == "list" else parameter.type) in ("file", "directory")


def _required(parameter: Parameter, name: str, value: Any, mark: Mark | None) -> list[RequiredPath]:
    kind = parameter.items if parameter.type == "list" else parameter.type
    if value is None or not takes_path(parameter):
        return []
    paths = value if isinstance(value, list) else [value]
    exact: Any = kind
    return [RequiredPath(normpath(path), exact, mark, f"parameter '{name}'") for path in paths if "$" not in path]


def _names(template: Template) -> str:
    if not template.parameters:
        return "it has no parameters"
    return "it has " + ", ".join(template.parameters)
