"""What a rule looks at, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from devenv.core.compose.interpolate import interpolate
from devenv.errors import DevenvError, Mark, Report
from devenv.model.data import mark_of, text
from devenv.model.lint import Fix, Found, Severity
from devenv.model.manifest import Manifest
from devenv.model.stack import Service, Stack
from devenv.model.template import Template
from devenv.records import field, frozen, mutable

ENV = ".env"
"""What the manifest's variables are read from, beside it."""

OptionKind = Literal["texts", "labels", "pattern", "size", "duration"]


@frozen
class Option:
    """What a policy can set for a rule; its value, once checked: a tuple of texts, a mapping of labels to patterns, a
    pattern as text, bytes, or seconds."""

    kind: OptionKind
    words: str
    required: bool = False
    default: Any = None


@frozen
class Context:
    """A folder that an image is built from, has no `.dockerignore`, and holds so many bytes and files (or more)."""

    size: int
    files: int


@frozen
class Base:
    """An image that a Dockerfile builds on, and where it says so."""

    image: str
    mark: Mark | None = None


@mutable
class Subject:
    """A stack with its manifest and templates, and what was found out about its files.

    `above` is the manifest's folder, seen from the top of the repository (`deploy`; '' when it is the top). `contexts`
    are by folder, as `build.context` names it, `bases` by the service that is built on them. `report` knows the texts
    of all files that marks name. `templates` are the repository's own, in use or not. `variables` are what Compose
    interpolates with now. `env_files` are the texts of those files of `env_file` that Git does not ignore, and of the
    manifest's `.env` where Git tracks it.
    """

    stack: Stack
    manifest: Manifest
    report: Report
    templates: Mapping[str, Template] = field(default_factory=dict)
    contexts: Mapping[str, Context] = field(default_factory=dict)
    above: str = ""
    bases: Mapping[str, Sequence[Base]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    env_files: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def services(self) -> list[Service]:
        """The services that somebody wrote; jobs of a `setup` are made of these."""
        return [service for service in self.stack.services.values() if service.setup_of is None]

    @cached_property
    def stack_mark(self) -> Mark | None:
        """Where the services begin: what is said of the stack is said there."""
        return mark_of(self.manifest.source, "services", of_key=True)


Check = Callable[[Subject, Mapping[str, Any]], Iterator[Found]]


@frozen
class Rule:
    """One rule. `severity` is its own, `off` where only a policy asks for it; `fixes` says what `--fix` does;
    `needs_option` that it says nothing unless a policy sets one of its options."""

    code: str
    name: str
    title: str
    why: str
    remedy: str
    check: Check
    severity: Severity = Severity.OFF
    options: Mapping[str, Option] = field(default_factory=dict)
    fixes: str = ""
    needs_option: bool = False

    def defaults(self) -> dict[str, Any]:
        """The options where nobody sets them."""
        return {name: option.default for name, option in self.options.items()}


def place(service: Service, *keys: str | int, of_key: bool = False) -> Mark | None:
    """Where the value under `keys` of a service was written: the nearest that is known, at last the service itself."""
    at: Any = service.compose
    mark = None
    for number, key in enumerate(keys):
        if not (isinstance(at, dict) and key in at) and not (isinstance(at, list) and isinstance(key, int)):
            break
        last = number == len(keys) - 1
        mark = mark_of(at, key, of_key=of_key and last) or mark
        at = at[key]  # type: ignore[index]
    return mark or service.mark


def found(
    service: Service,
    message: str,
    *keys: str | int,
    hint: str | None = None,
    fix: Fix | None = None,
    of_key: bool = False,
) -> Found:
    """A finding about the value under `keys` of a service."""
    path = f"services.{service.name}" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return Found(message, place(service, *keys, of_key=of_key), path, service.name, hint, fix)


def items(service: Service, key: str) -> Iterator[tuple[int, Any]]:
    """The items of one of a service's lists, with their numbers."""
    entries = service.compose.get(key)
    yield from enumerate(entries if isinstance(entries, list) else ())


def assignments(service: Service, key: str) -> Iterator[tuple[str, str | None, Mark | None]]:
    """Names and values of `environment`, `labels` and the like, in either form, where somebody wrote them."""
    entries = service.compose.get(key)
    if isinstance(entries, dict):
        at = getattr(entries, "values_at", {})
        for name, value in entries.items():
            if name in at:
                yield name, None if value is None else text(value), at[name]
    elif isinstance(entries, list):
        for number, item in enumerate(entries):
            name, equals, value = text(item).partition("=")
            yield name, value if equals else None, mark_of(entries, number)


def filled(written: str, variables: Mapping[str, str] = MappingProxyType({})) -> str:
    """A text with its `variables`, or their defaults; itself where one has to be set."""
    try:
        return interpolate(written, variables) if "$" in written else written
    except DevenvError:
        return written


def plain(value: Any) -> str:
    """A scalar of a definition as text, with the defaults of its variables."""
    return filled(text(value))
