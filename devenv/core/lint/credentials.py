"""Rules about secrets that stand in files for everybody to read. A value is never part of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.lint.subject import Rule, Subject, assignments
from devenv.core.stack import secrecy
from devenv.core.stack.references import strings
from devenv.errors import Mark
from devenv.model.data import mark_of, text
from devenv.model.lint import Found, Severity
from devenv.model.stack import Service

_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@$]*:([^\s/@$]+)@([A-Za-z0-9._-]+)")
_LOCAL = ("localhost", "127.0.0.1", "host.docker.internal")
# What calls itself no secret, and what is the name of a server or of its first user.
_PLACEHOLDER = re.compile(
    r"change|replace|insecure|example|placeholder|dummy|sample|default|your|test|dev|local|secret|token|passw|"
    r"^(?:pass|pwd|admin|root|user|guest|postgres|mysql|mariadb|minio|minioadmin|mongo|redis|rabbitmq|app|xxx+|\W*)$",
    re.IGNORECASE,
)


def _known(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for path, service, value, mark in _all_texts(subject):
        for what, secret in secrecy.known(value):
            message = f"{what} stands here for everybody to read"
            hint = "take it back where it was issued; then read it from the environment: ${NAME:?say where to get it}"
            yield Found(message, mark, path, service, hint, hide=secret)


def _all_texts(subject: Subject) -> Iterator[tuple[str, str, str, Mark | None]]:
    for service in subject.services:
        for value, mark in strings(service.compose):
            yield f"services.{service.name}", service.name, value, mark
    for kind in ("configs", "secrets"):
        for value, mark in strings(subject.stack.top.get(kind)):
            yield kind, "", value, mark


def _plain(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    hosts = {*subject.stack.services, *_LOCAL}
    for service in subject.services:
        for path, name, value, mark in _settings(service):
            if mark is not None and not any(secrecy.known(value)) and (found := _suspicion(name, value, hosts)):
                hint = "let a template generate it, or read it from .env: ${NAME:?say where to get it}"
                yield Found(found[0], mark, path, service.name, hint, hide=found[1])
        for value, mark in _commands(service):
            secrets = [m[3] for m in secrecy.OPTION.finditer(value) if not secrecy.has_variable(m[3])]
            if secrets:
                path = f"services.{service.name}.command"
                hint = "read it from the environment: ${NAME:?say where to get it}"
                hide = "\n".join(secrets)
                yield Found("a secret in a command line, in plain text", mark, path, service.name, hint, hide=hide)


def _settings(service: Service) -> Iterator[tuple[str, str, str, Mark | None]]:
    for name, value, mark in assignments(service, "environment"):
        if value:
            yield f"services.{service.name}.environment.{name}", name, value, mark
    build = service.compose.get("build")
    args = build.get("args") if isinstance(build, dict) else None
    if isinstance(args, dict):
        for name, value in args.items():
            yield f"services.{service.name}.build.args.{name}", name, text(value), mark_of(args, name)


def _commands(service: Service) -> Iterator[tuple[str, Mark | None]]:
    for key in ("command", "entrypoint"):
        written = service.compose.get(key)
        if isinstance(written, list):  # an option and its value may be two words
            yield " ".join(text(word) for word in written), mark_of(service.compose, key)
        elif isinstance(written, str):
            yield written, mark_of(service.compose, key)


def _suspicion(name: str, value: str, hosts: set[str]) -> tuple[str, str] | None:
    """What is wrong with a setting, and what nobody may see of it; None when it is no secret as far as can be told."""
    match = _IN_URL.search(value)
    if match is not None and match[2] not in hosts:
        hide = value if secrecy.is_surely_secret(name, value) else match[1]
        return f"the password of {match[2]} stands here in plain text", hide
    if secrecy.has_variable(value):
        return _default(name, value)
    if "\n" in value:
        return None
    if secrecy.is_surely_secret(name, value):
        return f"the value of {name} stands here in plain text", value
    if secrecy.looks_random(value):
        return f"the value of {name} looks like a secret, in plain text", value
    return None


def _default(name: str, value: str) -> tuple[str, str] | None:
    """The same of a variable's default, where the setting's name or the variable's tells, and it is no placeholder."""
    for variable, default in secrecy.defaults(value):
        telling = any(secrecy.is_surely_secret(one, default) for one in (name, variable))
        if telling and not secrecy.has_variable(default) and not _PLACEHOLDER.search(default):
            return f"the default of {variable} stands here in plain text", default
    return None


RULES = (
    Rule(
        "DL801",
        "known-secret",
        "A key or token that is valid somewhere",
        "Whoever can read the repository, or ever could, can use it; scanners find such keys within minutes.",
        "Take it back where it was issued, and read the new one from the environment or from `.env`.",
        _known,
        severity=Severity.ERROR,
    ),
    Rule(
        "DL802",
        "plain-secret",
        "A secret in plain text",
        "What is in the repository is in every clone, image and backup of it, and is the same for everybody.",
        "Use a template, whose secrets are generated for each machine; or `${NAME}` with the value in `.env` alone.",
        _plain,
        severity=Severity.WARNING,
    ),
)
