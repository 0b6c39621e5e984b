"""Rules about names and labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from devenv.core.lint.subject import Option, Rule, Subject, filled, found
from devenv.core.templates.patterns import LONGEST, matches
from devenv.errors import Mark
from devenv.model.data import mark_of, text
from devenv.model.lint import Found, Severity
from devenv.model.stack import Service


def _labels(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        have = dict(_written_labels(service))
        for name, pattern in options["require"].items():
            if name not in have:
                yield found(service, f"the label '{name}' is missing", hint=f"write `labels: {{{name}: …}}`")
            elif pattern and not matches(pattern, value := filled(have[name])):
                keys = ("labels", name) if isinstance(service.compose["labels"], dict) else ("labels",)
                hint = f"what is held to a pattern has at most {LONGEST} characters" if len(value) > LONGEST else None
                yield found(service, f"the label '{name}' must match {pattern}", *keys, hint=hint)


def _written_labels(service: Service) -> Iterator[tuple[str, str]]:
    entries = service.compose.get("labels")
    if isinstance(entries, dict):
        yield from ((name, text(value)) for name, value in entries.items())
    for item in entries if isinstance(entries, list) else ():
        name, _, value = text(item).partition("=")
        yield name, value


def _names(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for kind, names in _all_names(subject):
        pattern = options[kind]
        for name, mark, service in names if pattern else ():
            if not matches(pattern, name):
                path = kind if kind == "stack" else f"{kind}.{name}"
                yield Found(f"the name '{name}' must match {pattern}", mark, path, service)


def _all_names(subject: Subject) -> Iterator[tuple[str, Iterable[tuple[str, Mark | None, str]]]]:
    source = subject.manifest.source
    yield "stack", [(subject.stack.name, mark_of(source, "name") if "name" in source else subject.stack_mark, "")]
    yield "services", [(service.name, service.mark, service.name) for service in subject.services]
    yield (
        "ports",
        [
            (port.name, mark_of(service.compose, "ports") or service.mark, service.name)
            for service in subject.services
            for port in service.ports
            if service.origin.template is None
        ],
    )
    for kind in ("modes", "volumes", "networks"):
        entries = source.get(kind)
        names = entries if isinstance(entries, dict) else {}
        yield kind, [(name, mark_of(names, name, of_key=True), "") for name in names]


def _container_name(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        name = text(service.compose.get("container_name"))
        if name and "$" not in name:
            message = f"only one container on a machine can be called '{name}': a second checkout cannot start"
            hint = f"leave it out: the name is {subject.stack.name}-{service.name}-1, and `devenv exec` finds it"
            yield found(service, message, "container_name", of_key=True, hint=hint)


RULES = (
    Rule(
        "DL601",
        "labels",
        "Services have labels",
        "Who owns a service, and what it costs, is looked up by its labels.",
        "Add the label under `labels`.",
        _labels,
        options={
            "require": Option("labels", "names of labels, or a mapping from name to a pattern of values", required=True)
        },
    ),
    Rule(
        "DL602",
        "names",
        "Names follow a pattern",
        "One way to name things lets people, dashboards and scripts find them.",
        "Rename it.",
        _names,
        needs_option=True,
        options={
            kind: Option("pattern", f"what the {what} must match: a regular expression for the whole name")
            for kind, what in (
                ("stack", "stack's name"),
                ("services", "services' names"),
                ("ports", "names of the services' own ports"),
                ("modes", "modes' names"),
                ("volumes", "volumes' names"),
                ("networks", "networks' names"),
            )
        },
    ),
    Rule(
        "DL603",
        "container-name",
        "A container has a fixed name",
        "Two checkouts, or two branches side by side, cannot run at once: the engine knows each name once.",
        "Remove `container_name`; services find each other by the service's name, people with `devenv exec NAME`.",
        _container_name,
        severity=Severity.WARNING,
    ),
)
