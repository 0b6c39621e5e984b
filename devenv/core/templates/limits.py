"""What a template may declare: names that are names, defaults that read nothing, patterns that end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from devenv.core.manifest.node import quoted
from devenv.core.templates.parameters import takes_path
from devenv.errors import Report
from devenv.model.data import mark_of, text
from devenv.model.template import Parameter

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
_MOST = 200  # parameters, outputs, … of one template
_DOLLAR = re.compile(r"(?:[^$]|\$\$)*")
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_MANY = 10  # a repeat of at most so many cannot take long


def check_names(source: Mapping[str, Any], report: Report) -> None:
    """Reports names that could mean something elsewhere (in a file of variables, a volume, an image, a variable of the
    host), and too many. Names and defaults (`wrong_default`) are all of a template's own that placeholders stand for.
    """
    _names(source, ("parameters", "secrets", "configs", "outputs", "host_outputs", "data", "versions", "debian"), report)
    services = [source["service"]]
    services += [one["service"] for one in source["versions"] if isinstance(one, dict) and "service" in one]
    for service in services:
        if isinstance(service.get("ports"), dict):
            _names(service, ("ports",), report, "service.")
    for name, parameter in source.get("parameters", {}).items():
        _check_fields(parameter, f"parameters.{name}.", report)


def _check_fields(parameter: Mapping[str, Any], path: str, report: Report) -> None:
    _names(parameter, ("fields",), report, path)
    for name, field in parameter.get("fields", {}).items():
        _check_fields(field, f"{path}fields.{name}.", report)


def _names(source: Mapping[str, Any], keys: Iterable[str], report: Report, path: str = "") -> None:
    for key in keys:
        names = source.get(key)
        if not isinstance(names, dict | list):
            continue
        if len(names) > _MOST:
            report.add("DE303", f"a template has at most {_MOST} {key}", mark_of(source, key), path=path + key)
        for i, entry in enumerate(names):
            name = text(entry["version"] if isinstance(entry, dict) else entry)
            if _NAME.fullmatch(name):
                continue
            where = mark_of(names, i) if isinstance(names, list) else mark_of(names, entry, of_key=True)
            message = f"{quoted(name)} is no name: letters, digits, '_', '.' and '-', at most 63"
            report.add("DE303", message, where, path=path + key)


def wrong_default(parameter: Parameter) -> str | None:
    """Why a default cannot be, whatever its type takes."""
    if takes_path(parameter) and parameter.default not in (None, [], ()):
        return "is a path of the host: whoever uses the template names it; write 'optional: true'"
    values: Iterable[Any] = parameter.default if isinstance(parameter.default, list) else [parameter.default]
    if any(not _DOLLAR.fullmatch(text(value)) for value in values):
        return "holds a '$', which would be read as a variable of the host; '$$' is a dollar"
    return None


def endless(pattern: str) -> bool:
    """Whether a pattern may take for ever on some text: a repeat, or alternatives, inside a repeat without end.

    A repeat inside a repeat ends where each round begins with a sign that the inner one cannot take: `(,[a-z]+)*`.
    Raises re.error for what is no regular expression.
    """
    re.compile(pattern)
    return _endless(_parser.parse(pattern), inside=False)


def _endless(items: Any, *, inside: bool) -> bool:
    for kind, detail in items:
        if kind in _REPEATS:
            many = int(detail[1]) > _MANY
            if (many and inside) or _endless(detail[2], inside=inside or (many and not _separated(detail[2]))):
                return True
        elif kind is _constants.BRANCH:
            if inside or any(_endless(one, inside=inside) for one in detail[1]):
                return True
        elif kind is _constants.SUBPATTERN:
            if _endless(detail[3], inside=inside):
                return True
        elif kind in (_constants.GROUPREF, _constants.ASSERT, _constants.ASSERT_NOT, _constants.GROUPREF_EXISTS):
            return True
    return False


def _separated(body: Any) -> bool:
    """Whether what is repeated begins with a sign that nothing repeated inside it takes."""
    items = list(body)
    while len(items) == 1 and items[0][0] is _constants.SUBPATTERN:
        items = list(items[0][1][3])
    if not items or items[0][0] is not _constants.LITERAL:
        return False
    sign = chr(items[0][1])
    return not any(_takes(item, sign) for item in _repeated(items[1:]))


def _repeated(items: Any) -> Iterator[Any]:
    """Every single sign that stands somewhere in a repeat, and every one of groups and alternatives on the way."""
    for kind, detail in items:
        if kind in _REPEATS:
            yield from detail[2]
            yield from _repeated(detail[2])
        elif kind is _constants.SUBPATTERN:
            yield from _repeated(detail[3])
        elif kind is _constants.BRANCH:
            yield (kind, detail)


def _takes(item: Any, sign: str) -> bool:
    """Whether a part of a pattern can take a sign; a part that is more than one sign counts as if it could."""
    kind, detail = item
    if kind is _constants.LITERAL:
        return bool(chr(detail) == sign)
    if kind is _constants.NOT_LITERAL:
        return bool(chr(detail) != sign)
    if kind is _constants.RANGE:
        return bool(detail[0] <= ord(sign) <= detail[1])
    if kind is _constants.CATEGORY:
        return re.fullmatch(_CATEGORIES.get(str(detail), "."), sign) is not None
    if kind is _constants.IN:
        inverted = detail[0][0] is _constants.NEGATE
        return any(_takes(one, sign) for one in detail[1 if inverted else 0 :]) != inverted
    return True


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
}
