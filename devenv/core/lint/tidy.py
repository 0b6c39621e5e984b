"""Rules about what does nothing, and about what other programs read otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.lint.subject import Rule, Subject
from devenv.core.stack.references import strings
from devenv.core.stack.resources import SHARED, used
from devenv.errors import Mark
from devenv.model.data import Map, Plain, Seq, mark_of, text
from devenv.model.lint import Fix, Found, Severity

_OF_THE_HOST = re.compile(r"\$(?<!\$\$)(?:\$\$)*\{?(HOME|PATH|USER|PWD|HOSTNAME|SHELL|UID)\b")
_WORDS = dict.fromkeys(("yes", "Yes", "YES", "on", "On", "ON"), "true") | dict.fromkeys(
    ("no", "No", "NO", "off", "Off", "OFF"), "false"
)
_NUMBERS = (
    (re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"), "a number to the base of 60"),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a date"),
    (re.compile(r"[-+]?[1-9][0-9]*(?:_[0-9]+)+"), "a number"),
)


def _unused(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for kind in SHARED:
        declared = subject.manifest.compose.get(kind)
        if not isinstance(declared, dict) or not declared:
            continue
        names: set[str] = set()
        for service in subject.stack.services.values():
            names.update(name for name, _ in used(service.compose, kind))
            build = service.compose.get("build")
            for entry in (build.get("secrets") or () if isinstance(build, dict) else ()) if kind == "secrets" else ():
                names.add(text(entry.get("source")) if isinstance(entry, dict) else text(entry))
        if any("$" in name for name in names) or _by_variable(subject, kind):
            continue  # a variable may name any of them
        for name in declared:
            by_itself = (kind == "networks" and name == "default") or (kind == "volumes" and len(name) == 1)  # a drive
            if name not in names and not by_itself:
                mark = mark_of(declared, name, of_key=True)
                fix = Fix(f"remove the {kind[:-1]}", mark) if mark is not None else None
                yield Found(f"no service uses the {kind[:-1]} '{name}'", mark, f"{kind}.{name}", fix=fix)


def _by_variable(subject: Subject, kind: str) -> bool:
    """Whether some service's entry is a variable, which may stand for any name."""
    for service in subject.stack.services.values():
        entries = service.compose.get(kind)
        for entry in entries if isinstance(entries, list) else ():
            name = text(entry.get("source")) if isinstance(entry, dict) else text(entry)
            if name.startswith("$"):
                return True
    return False


def _same_mode(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    stack = subject.stack
    seen: dict[frozenset[str], str] = {frozenset(stack.services): ""}
    for name, members in stack.modes.items():
        brings = frozenset(stack.closure(members))
        if brings in seen:
            other = f"the mode '{seen[brings]}'" if seen[brings] else "`devenv up` without a mode"
            mark = mark_of(subject.manifest.source.get("modes"), name, of_key=True)
            yield Found(f"the mode '{name}' brings up the same as {other}", mark, f"modes.{name}")
        seen.setdefault(brings, name)


def _yaml11(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    told: set[Mark] = set()
    for value, mark, path in _scalars(subject.manifest.source):
        read = _WORDS.get(value) or _number(value)
        if read is None or mark in told or not _is_bare(subject, mark, value):
            continue
        told.add(mark)
        message = f"devenv and Compose read the text '{value}' here; readers of YAML 1.1 read {read}"
        service = path.split(".")[1] if path.startswith("services.") and path.count(".") > 1 else ""
        yield Found(message, mark, path, service, fix=Fix("put it in quotes", mark, value=value))


def _number(value: str) -> str | None:
    if value[:1].isalpha():
        return None
    return next((meaning for form, meaning in _NUMBERS if form.fullmatch(value)), None)


def _scalars(source: Map) -> Iterator[tuple[str, Mark, str]]:
    """Texts of a file, keys among them, that are short enough to be taken for something else."""
    parts: list[tuple[Any, str]] = [(source, "")]
    while parts:
        value, path = parts.pop()
        if isinstance(value, Map):
            for key, one in value.items():
                below = f"{path}.{key}" if path else key
                if (at := value.keys_at.get(key)) is not None and len(key) < 24:
                    yield key, at, path
                if isinstance(one, Map | Seq):
                    parts.append((one, below))
                elif type(one) is str and len(one) < 24 and (at := value.values_at.get(key)) is not None:
                    yield one, at, below
        elif isinstance(value, Seq):
            for number, one in enumerate(value):
                if isinstance(one, Map | Seq):
                    parts.append((one, f"{path}[{number}]"))
                elif type(one) is str and len(one) < 24 and value.items_at:
                    yield one, value.items_at[number], f"{path}[{number}]"


def _is_bare(subject: Subject, mark: Mark, value: str) -> bool:
    line = subject.report.excerpt(mark) or ""
    return not isinstance(value, Plain) and line[mark.column - 1 : mark.column - 1 + len(value)] == value


def _host_variable(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        check = service.compose.get("healthcheck")
        test = check if isinstance(check, dict) else {}
        for container, keys in ((service.compose, ("command", "entrypoint")), (test, ("test",))):
            for key in keys:
                for written, mark in strings(container.get(key), mark_of(container, key)):
                    if match := _OF_THE_HOST.search(written):
                        path = f"services.{service.name}.{'healthcheck.' if key == 'test' else ''}{key}"
                        message = f"Compose puts this machine's {match[1]} in the place of ${match[1]}"
                        hint = f"write $${match[1]} for the container's own"
                        yield Found(message, mark, path, service.name, hint)


RULES = (
    Rule(
        "DL901",
        "unused",
        "A volume, network, config or secret that no service uses",
        "It is made for nothing, or the service that should use it does not.",
        "Use it in a service, or remove it.",
        _unused,
        severity=Severity.INFO,
        fixes="removes it",
    ),
    Rule(
        "DL902",
        "same-mode",
        "A mode that brings up what another one does",
        "People choose between two names for one thing.",
        "Remove one of the two.",
        _same_mode,
        severity=Severity.INFO,
    ),
    Rule(
        "DL903",
        "yaml-1.1",
        "A text that readers of YAML 1.1 take for something else",
        "devenv and Compose read `no`, `on` and `22:22` as the texts that they are; older programs that read the same "
        "file (many are written in Python or Ruby) read false, true and 1342.",
        "Put it in quotes.",
        _yaml11,
        severity=Severity.INFO,
        fixes="puts it in quotes",
    ),
    Rule(
        "DL904",
        "host-variable",
        "A command that is given this machine's HOME, PATH, USER or the like",
        "Compose replaces `$HOME` before the container sees the command: a path of the laptop, or nothing in CI.",
        "Double the dollar: `$$HOME` is the container's own.",
        _host_variable,
        severity=Severity.WARNING,
    ),
)
