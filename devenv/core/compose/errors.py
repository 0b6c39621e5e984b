"""What `docker compose config` says, at the place in the manifest that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from devenv.core.stack.references import strings
from devenv.errors import Mark
from devenv.model.data import Map, mark_of
from devenv.model.stack import Stack

_PATH = re.compile(r"\b(services|networks|volumes|configs|secrets)((?:\.[\w-]+|\[[\w.-]*\])+)")
_PART = re.compile(r"\.([\w-]+)|\[([\w.-]*)\]")
_SERVICE = re.compile(r"\bservice \"?([\w.-]+)\"?")
_EXTRA = re.compile(r"Additional property (\S.*) is not allowed")
_NOISE = re.compile(r"^(validating [^:]*: |error decoding |error while interpolating )|: invalid compose project$")
_REPEATED = re.compile(r"^(?P<path>[a-z]+(?:\.[\w-]+|\[[\w.-]*\])+):? (?=(?P=path)\b)")
_UNSET = re.compile(r'The \\*"(\w+)\\*" variable is not set')
_USED = re.compile(r"(?<!\$)(?:\$\$)*\$(?:(\w+)|\{(\w+)\})")
_QUOTED = re.compile(r"^\s*#|=\s*'")
_SKIP = ("decoding failed", "time=", "You may need to escape", "yaml: unmarshal errors:")


class Objection(NamedTuple):
    """One thing that Compose does not accept."""

    message: str
    mark: Mark | None
    path: str


def objections(said: str, source: Map, stack: Stack) -> Iterator[Objection]:
    """Compose's words, one by one. `source` is the manifest's data; what a template brought is put at its service."""
    for line in said.splitlines():
        line = line.strip()
        if not line or line.startswith(_SKIP) or "level=warning" in line:
            continue
        parts = _parts(line, stack)
        extra = _EXTRA.search(line)
        mark, path = _place(source, [*parts, extra[1]] if extra else parts)
        yield Objection(_REPEATED.sub("", _NOISE.sub("", _NOISE.sub("", line))), mark, path)


def unset(said: str, source: Map, files: Mapping[str, str]) -> Iterator[Objection]:
    """The variables that Compose warns of, each where the manifest first uses it without a default, or else one of the
    `files` of variables, by their texts."""
    first: dict[str, Mark | None] = {}
    for written, mark in strings(source):
        for found in _USED.finditer(written) if "$" in written else ():
            first.setdefault(found[1] or found[2], mark)
    for file, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            for found in _USED.finditer(_QUOTED.split(line)[0]):
                name, mark = found[1] or found[2], Mark(file, number, found.start() + 1, len(found[0]))
                first[name] = first.get(name) or mark
    for name in dict.fromkeys(_UNSET.findall(said)):
        yield Objection(f"the variable {name} is not set: Compose takes it as empty", first.get(name), "")


def _parts(line: str, stack: Stack) -> list[str]:
    """The path that a line names."""
    if match := _PATH.search(line):
        parts = [match[1], *(dotted or bracketed for dotted, bracketed in _PART.findall(match[2]))]
    elif match := _SERVICE.search(line):
        parts = ["services", match[1]]
    else:
        return []
    service = stack.services.get(parts[1]) if parts[0] == "services" and len(parts) > 1 else None
    if service is not None and service.setup_of is not None:
        return ["services", service.setup_of, *parts[2:]]
    return parts


def _place(source: Any, parts: list[str]) -> tuple[Mark | None, str]:
    """The nearest known place on the way along `parts`, and the path to it."""
    at, mark, path = source, None, []
    for part in parts:
        if isinstance(at, dict) and part in at:
            mark = mark_of(at, part, of_key=True) or mark
            at = at[part]
        elif isinstance(at, list) and part.isdigit() and int(part) < len(at):
            mark = mark_of(at, int(part)) or mark
            at = at[int(part)]
        else:
            break
        path.append(part)
    return mark, ".".join(path)
