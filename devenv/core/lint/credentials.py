"""Rules about secrets that stand in files for everybody to read. A value is never part of a message."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.lint.subject import Rule, Subject, assignments
from devenv.core.stack.references import strings
from devenv.errors import Mark
from devenv.model.data import mark_of, text
from devenv.model.lint import Found, Severity
from devenv.model.stack import Service

# The forms that those who issue them document, so that they can be found.
_KNOWN: dict[str, str] = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "a PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{50,}",
    "a Docker token": r"\bdckr_pat_[A-Za-z0-9_-]{20,}",
    "a Vault token": r"\bhvs\.[A-Za-z0-9_-]{20,}",
    "a SendGrid key": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "an API key": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
}
_ANY_KNOWN = re.compile("|".join(f"(?P<k{n}>{pattern})" for n, pattern in enumerate(_KNOWN.values())))
_HINTS = (
    "AKIA",
    "ASIA",
    "gh",
    "glpat",
    "xox",
    "_live_",
    "AIza",
    "npm_",
    "pypi-",
    "dckr",
    "hvs.",
    "SG.",
    "sk-",
    "BEGIN",
)

_NAMES = re.compile(
    r"(?:^|[_.-])(?:password|passwd|passphrase|pwd|secret|token|api_?key|secret_?key|private_?key|access_?key|"
    r"encryption_?key|signing_?key|credentials?)$",
    re.IGNORECASE,
)
_HARMLESS = frozenset(("", "true", "false", "yes", "no", "on", "off", "null", "none", "0", "1"))
_OPTION = re.compile(r"--?[A-Za-z-]*(?:password|passwd|secret|token|api-?key|requirepass)[=\s]+(['\"]?)([^\s'\"$]+)\1")
_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@$]*:([^\s/@$]+)@([A-Za-z0-9._-]+)")
_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_RANDOM = 4.0  # bits a character, of what looks random
_LOCAL = ("localhost", "127.0.0.1", "host.docker.internal")


def _known(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for path, service, value, mark in _all_texts(subject):
        if match := _key_in(value):
            what = list(_KNOWN)[int((match.lastgroup or "k0")[1:])]
            message = f"{what} stands here for everybody to read"
            hint = "take it back where it was issued; then read it from the environment: ${NAME:?say where to get it}"
            yield Found(message, mark, path, service, hint, hide=value if len(value) < 500 else match[0])


def _key_in(value: str) -> re.Match[str] | None:
    if len(value) < 16 or not any(sign in value for sign in _HINTS):
        return None
    match = _ANY_KNOWN.search(value)
    return match if match is not None and "EXAMPLE" not in match[0] else None


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
            if mark is not None and not _key_in(value) and (what := _suspicion(name, value, hosts)):
                hint = "let a template generate it, or read it from .env: ${NAME:?say where to get it}"
                yield Found(what, mark, path, service.name, hint, hide=_hidden(name, value))
        for value, mark in _commands(service):
            if match := _OPTION.search(value):
                path = f"services.{service.name}.command"
                hint = "read it from the environment: ${NAME:?say where to get it}"
                yield Found("a secret in a command line, in plain text", mark, path, service.name, hint, hide=match[2])


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


def _suspicion(name: str, value: str, hosts: set[str]) -> str | None:
    """What is wrong with a setting; None when it is no secret as far as can be told."""
    match = _IN_URL.search(value)
    if match is not None and match[2] not in hosts:
        return f"the password of {match[2]} stands here in plain text"
    if "$" in value or value.lower() in _HARMLESS or "\n" in value:
        return None
    if _NAMES.search(name) and not value.startswith(("/", "./", "../")):
        return f"the value of {name} stands here in plain text"
    if _TOKEN.fullmatch(value) and _looks_random(value):
        return f"the value of {name} looks like a secret, in plain text"
    return None


def _hidden(name: str, value: str) -> str:
    match = _IN_URL.search(value)
    return match[1] if match is not None and not _NAMES.search(name) else value


def _looks_random(value: str) -> bool:
    kinds = (str.isdigit, str.islower, str.isupper)
    if not all(any(kind(char) for char in value) for kind in kinds) or value.count("/") > 2:
        return False
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values()) >= _RANDOM


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
        "Use a template, whose secrets are generated for each machine; or `${NAME}` with the value in `.env`.",
        _plain,
        severity=Severity.WARNING,
    ),
)
