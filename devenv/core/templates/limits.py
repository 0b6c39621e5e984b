"""What a template may declare: names that are names, defaults that read nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from devenv.core.manifest.node import quoted
from devenv.core.templates.parameters import takes_path
from devenv.errors import Report
from devenv.model.data import mark_of, text
from devenv.model.template import Parameter, Template

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
_NAMED = ("parameters", "secrets", "configs", "outputs", "host_outputs", "data", "versions", "debian")
_MOST = 200  # parameters, outputs, … of one template
_SERVICE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_DOLLAR = re.compile(r"(?:[^$]|\$\$)*")


def check_names(source: Mapping[str, Any], report: Report) -> None:
    """Reports names that could mean something elsewhere (in a file of variables, a volume, an image, a variable of the
    host), and too many. Names and defaults (`wrong_default`) are all of a template's own that placeholders stand for.
    """
    _names(source, _NAMED, report)
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


def check_patterns(template: Template, report: Report) -> bool:
    """Whether there are so few patterns, and texts of defaults that are held to them, that all of it takes a moment,
    however slow each is."""
    count = sum(_held(parameter) for parameter in template.parameters.values())
    if count > _MOST:
        message = f"a template has at most {_MOST} patterns and defaults that are held to one, not {count:,}"
        report.add("DE303", message, mark_of(template.source, "parameters"), path="parameters")
    return count <= _MOST


def _held(parameter: Parameter) -> int:
    inner = sum(_held(field) for field in parameter.fields.values())
    return inner + 1 + _texts(parameter.default) if parameter.pattern is not None or inner else 0


def _texts(value: Any) -> int:
    if isinstance(value, dict | list):
        return sum(map(_texts, value.values() if isinstance(value, dict) else value))
    return 0 if value is None else 1


def check_test(template: Template, report: Report) -> None:
    """Reports what a test would have of the host that it runs on: a value may only refer to what stands beside it."""
    test, written = template.test, template.source.get("test", {})
    for name in test.beside:
        if name == template.name or not _SERVICE.fullmatch(name):
            message = f"{quoted(name)} is no name of a service beside '{template.name}'"
            report.add("DE303", message, mark_of(written["beside"], name, of_key=True), path="test.beside")
    names = "|".join(map(re.escape, test.beside)) or "(?!)"  # of none, nothing
    refers = re.compile(rf"\$\{{(?:{names})\.[A-Za-z0-9_.-]+\}}")
    for name, value in test.with_.items():
        if (parameter := template.parameters.get(name)) is None:
            problem, of_key = f"there is no parameter '{name}'", True
        elif takes_path(parameter):
            problem, of_key = "is a path of the host: whoever uses the template names it", False
        elif not _DOLLAR.fullmatch(refers.sub("", value)):
            problem, of_key = "holds a '$' that names nothing under 'beside'; '$$' is a dollar", False
        else:
            continue
        report.add("DE303", problem, mark_of(written["with"], name, of_key=of_key), path=f"test.with.{name}")


def wrong_default(parameter: Parameter) -> str | None:
    """Why a default cannot be, whatever its type takes."""
    if takes_path(parameter) and parameter.default not in (None, [], ()):
        return "is a path of the host: whoever uses the template names it; write 'optional: true'"
    values: Iterable[Any] = parameter.default if isinstance(parameter.default, list) else [parameter.default]
    if any(not _DOLLAR.fullmatch(text(value)) for value in values):
        return "holds a '$', which would be read as a variable of the host; '$$' is a dollar"
    return None
