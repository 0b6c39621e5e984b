"""Rules about templates: which may be used, and what in them does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from devenv.core.lint.subject import Option, Rule, Subject
from devenv.errors import Mark
from devenv.model.data import Tagged, mark_of, text
from devenv.model.lint import Found, Severity
from devenv.model.template import Template

_NAMED = re.compile(r"\bwith\.([A-Za-z0-9_-]+)")


def _used(subject: Subject) -> Iterator[tuple[str, str, str, Mark | None]]:
    """Services made from templates: name, template, version, and where `use:` says so."""
    written = subject.manifest.services
    for service in subject.services:
        if service.origin.template is not None:
            spec = written.get(service.name)
            mark = service.mark if spec is None else mark_of(spec.source, "use") or service.mark
            yield service.name, service.origin.template, service.origin.version or "", mark


def _allowed(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service, template, version, mark in _used(subject):
        whole = f"{template}@{version}"
        path = f"services.{service}.use"
        if pattern := _match(template, whole, options["forbid"]):
            yield Found(f"the template {whole} is forbidden ('{pattern}')", mark, path, service)
        elif options["allow"] and not _match(template, whole, options["allow"]):
            hint = f"allowed are {', '.join(options['allow'])}"
            yield Found(f"the template {whole} is not allowed", mark, path, service, hint)


def _match(template: str, whole: str, patterns: tuple[str, ...]) -> str | None:
    return next((p for p in patterns if fnmatchcase(whole if "@" in p else template, p)), None)


def _unversioned(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service, template, version, mark in _used(subject):
        spec = subject.manifest.services.get(service)
        if spec is not None and "@" not in (spec.use or "@"):
            message = f"'{template}' is whatever version the catalog has first, now {version}"
            yield Found(message, mark, f"services.{service}.use", service, f"write `use: {template}@{version}`")


def _unused_parameter(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for template in subject.templates.values():
        named = set(_named(template))
        for name in template.parameters:
            if name not in named:
                source = template.source.get("parameters")
                message = f"the parameter '{name}' of the template '{template.name}' is used nowhere in it"
                mark = mark_of(source, name, of_key=True)
                hint = f"refer to it as ${{with.{name}}}, or take it out"
                yield Found(message, mark, f"parameters.{name}", hint=hint)


def _named(template: Template) -> Iterator[str]:
    """Parameters that a template refers to, in placeholders and conditions."""
    parts: list[Any] = [value for key, value in template.source.items() if key not in ("parameters", "example")]
    parts += template.configs.values()
    while parts:
        value = parts.pop()
        if isinstance(value, Tagged):
            parts.append(value.value)
        elif isinstance(value, dict):
            parts += value.values()
        elif isinstance(value, list):
            parts += value
        elif isinstance(value, str):
            yield from _NAMED.findall(text(value))


RULES = (
    Rule(
        "DL701",
        "templates",
        "Only some templates may be used",
        "What a platform team does not run, it cannot help with; what is out of support gets no fixes.",
        "Use a template, or a version, that is allowed.",
        _allowed,
        needs_option=True,
        options={
            "allow": Option("texts", "templates, with a version or without, with `*`: `postgres@1[67]`", default=()),
            "forbid": Option("texts", "the same, for what must not be used", default=()),
        },
    ),
    Rule(
        "DL702",
        "unversioned-template",
        "`use:` names no version",
        "An update of the catalog may bring another major version of the server.",
        "Write the version: `use: postgres@17`.",
        _unversioned,
    ),
    Rule(
        "DL703",
        "unused-parameter",
        "A template's parameter is used nowhere in it",
        "Whoever sets it sees nothing happen.",
        "Refer to it with `${with.NAME}` or `when: with.NAME`, or take it out.",
        _unused_parameter,
        severity=Severity.WARNING,
    ),
)
