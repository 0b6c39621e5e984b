"""Rules about secrets that stand in files for everybody to read. A value is never part of a message."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from devenv.core.lint.subject import ENV, Rule, Subject, assignments, filled
from devenv.core.planning.definition import env_files
from devenv.core.stack.references import strings
from devenv.errors import Mark
from devenv.model import secrecy
from devenv.model.data import Map, mark_of, text
from devenv.model.lint import Found, Severity
from devenv.model.secret_forms import hashes, known, looks_random
from devenv.model.secret_variables import beside, defaults, has_variable, is_reference

_IN_URL = re.compile(  # or in what Go's drivers take: `user:password@tcp(host:3306)/shop`
    r"(?:\b[a-z][a-z0-9+.-]*://(?:\$\{(?:[^{}]|\$\{[^{}]*\})*\}|[^\s:/@])*|"
    r"(?<![\w/:@.-])[A-Za-z_][\w.-]*(?=:[^\s:/@]+@(?:tcp6?|udp)?\())"
    r":([^\s/@]+)@(?:(?:tcp6?|udp)?\()?([A-Za-z0-9._-]+)"
)
_LOCAL = ("localhost", "127.0.0.1", "host.docker.internal")
# What calls itself no secret, and what is the name of a server or of its first user.
_PLACEHOLDER = re.compile(
    r"change|replace|insecure|example|placeholder|dummy|sample|default|your|test|dev|local|secret|token|passw|"
    r"^(?:pass|pwd|admin|root|user|guest|postgres|mysql|mariadb|minio|minioadmin|mongo|redis|rabbitmq|app|xxx+|\W*)$",
    re.IGNORECASE,
)
# What a word of letters says of the variable beside it; and what a shell runs.
_ABOUT = re.compile(rf"{_PLACEHOLDER.pattern}|prod|stag|prefix|suffix", re.IGNORECASE)
_RUNS = re.compile(r"\$\$[({]|`")
# What nobody takes for a secret: a gap that is to be filled in, or the key that all of Azure's emulators have.
_GAP = re.compile(
    r"^Eby8vdM02xNOcqFlqUwJPLlmEtl|"
    r"^[<{%]|^\W+$|^test$|xxx|\.\.\.|change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|it|this|with)|"
    r"your[-_ ]|example|placeholder|dummy|redacted|todo",
    re.IGNORECASE,
)
_SHELL = re.compile(r"[$`]")
_ASSIGNMENT = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_][\w.-]*)\s*[=:]\s*(?:(["'])(?P<quoted>.+?)\2|(?P<bare>[^\s"'#].*?)\s*(?:\s#.*)?$)"""
)
_BEFORE = 6
_HINT = "let a template generate it, or read it from .env: ${NAME:?say where to get it}"
_HINT_OF_A_FILE = "let Git ignore the file (`.gitignore`, `git rm --cached`), and keep an example of it"
_HASHED = "the hash of a password stands here in plain text"
_HINT_OF_A_HASH = "read it from the environment, or mount a file that Git ignores: a hash tells when a guess is right"
_OWN_COMMANDS = ("ready", "setup", "provision")
_COMMANDS = ("command", "entrypoint", "test", "run", "setup", "provision")


def _known(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for path, service, value, mark in _all_texts(subject):
        for what, secret in known(value):
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
    yield from _file_lines(subject)


def _plain(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    hosts = {*subject.stack.services, *_LOCAL}
    told: set[Mark] = set()
    given: set[tuple[str, str]] = set()
    for path, service, name, value, mark in (*_parameters(subject), *_settings(subject), *_file_settings(subject)):
        if not any(known(value)) and (found := _suspicion(name, value, hosts)):
            told.add(mark)
            if ".environment." in path and (service, found[1]) in given:
                continue  # what a template makes of it is told where it is given
            if path == f"services.{service}.with.{name}":
                given.add((service, found[1]))
            hint = _HINT_OF_A_FILE if mark.file in subject.env_files else _HINT
            yield Found(found[0], mark, path, service, hint, hide=found[1])
    for path, service, value, places in _written(subject):
        if places[0][1] in told:
            continue
        slots = [(one, at) for one, at in secrecy.inside(value) if not secrecy.in_prose(value, one, at)]
        slots += [(one, at) for one, at, _ in _url_slots(value, hosts)]
        if secrets := sorted({(start + at, one) for slot, start in slots for one, at in _literal(slot)}):
            at = _at(subject, places, value, *secrets[0])
            where = " in a command line," if path.endswith((".command", ".entrypoint")) else ""
            hint = "read it from the environment: ${NAME:?say where to get it}"
            hide = "\n".join(secret for _, secret in secrets)
            yield Found(f"a secret{where} in plain text", at, path, service, hint, hide=hide)
        elif hashed := next(hashes(value), None):
            at = _at(subject, places, value, hashed[1], hashed[0])
            yield Found(_HASHED, at, path, service, _HINT_OF_A_HASH, hide=hashed[0])
        elif default := _default("", value, [slot for slot, _ in slots]):
            at = _at(subject, places, value, value.index(default[1]), default[1])
            yield Found(default[0], at, path, service, _HINT, hide=default[1])


def _url_slots(value: str, hosts: Collection[str]) -> Iterator[tuple[str, int, str]]:
    """What stands for a password in a text's addresses of other hosts than these, where it begins, and the host."""
    for match in _IN_URL.finditer(value):
        if match[2] not in hosts and match[1] != "password":
            yield match[1], match.start(1), match[2]


def _literal(secret: str) -> list[tuple[str, int]]:
    """What of a secret stands there itself, and no variable, of a shell neither; and where."""
    words = [one for one in beside(secret) if not (one[0].isalpha() and _ABOUT.search(one[0]))]
    parts = words if _SHELL.search(secret) else [(secret, 0)]
    return [] if _GAP.search(secret) else [one for one in parts if not any(known(one[0]))]


def _at(subject: Subject, places: _Places, value: str, at: int, secret: str) -> Mark:
    """Where a secret of a text stands, found in the lines from its part's place on by what is right before it, else by
    itself if it is there once; the place itself where the text is written in another way."""
    start, mark = next(one for one in reversed(places) if one[0] <= at)
    before = value[max(start, at - _BEFORE) : at].rpartition("\n")[2]
    first = max(0, mark.column - 1 - len(before))  # a key before the text is a part of it
    for number in range(mark.line, mark.line + value.count("\n") + 2):
        line = subject.report.excerpt(mark._replace(line=number)) or ""
        if (found := line.find(before + secret, first if number == mark.line else 0)) >= 0:
            return mark._replace(line=number, column=found + len(before) + 1, width=len(secret))
    line = subject.report.excerpt(mark) or ""
    if line.count(secret, first) == 1:
        return mark._replace(column=line.index(secret, first) + 1, width=len(secret))
    return mark


def _parameters(subject: Subject) -> Iterator[tuple[str, str, str, str, Mark]]:
    """What templates are given: path, service, name, value and place."""
    for service in subject.services:
        spec = subject.manifest.services.get(service.name)
        given = spec.with_ if spec is not None else Map()
        for name, value in given.items():
            if not isinstance(value, dict | list) and text(value) and (mark := mark_of(given, name)) is not None:
                yield f"services.{service.name}.with.{name}", service.name, name, text(value), mark


def _settings(subject: Subject) -> Iterator[tuple[str, str, str, str, Mark]]:
    """Variables and build arguments that have a value: path, service, name, value and place."""
    for service in subject.services:
        for name, value, mark in assignments(service, "environment"):
            if value and mark is not None:
                yield f"services.{service.name}.environment.{name}", service.name, name, value, mark
        build = service.compose.get("build")
        args = build.get("args") if isinstance(build, dict) else None
        for name, value in args.items() if isinstance(args, dict) else ():
            if (mark := mark_of(args, name)) is not None:
                yield f"services.{service.name}.build.args.{name}", service.name, name, text(value), mark


def _file_settings(subject: Subject) -> Iterator[tuple[str, str, str, str, Mark]]:
    """The same of files of variables."""
    for path, service, line, mark in _file_lines(subject):
        if (match := _ASSIGNMENT.match(line)) is not None:
            value = match["quoted"] or match["bare"]
            at = mark._replace(column=line.index(value, match.end("name")) + 1, width=len(value))
            yield path, service, match["name"], value, at


def _file_lines(subject: Subject) -> Iterator[tuple[str, str, str, Mark]]:
    """The lines of files of variables, of each file once: path, service, line and place."""
    told: set[str] = set()
    files = [
        (f"services.{service.name}.env_file", service.name, posixpath.normpath(filled(written)))
        for service in subject.services
        for written in env_files(service)
    ]
    for path, service_name, file in (*files, ("", "", ENV)):
        if file not in told:
            told.add(file)
            for number, line in enumerate(subject.env_files.get(file, "").splitlines(), start=1):
                yield path, service_name, line, Mark(file, number, 1, len(line))


_Places = tuple[tuple[int, Mark], ...]
"""From where on a text is written at which place: the whole of it, then each word of a list."""


def _written(subject: Subject) -> Iterator[tuple[str, str, str, _Places]]:
    """Every text that somebody wrote: path, service, text and places."""
    holders: list[tuple[str, str, Any]] = [("", "", subject.stack.top)]
    for service in subject.services:
        made = ("healthcheck",) if service.ready is not None else ()  # of `ready`, which is looked at itself
        kept = [key for key in service.compose if key not in made]
        holders.append((f"services.{service.name}.", service.name, _only(service.compose, kept)))
        if (spec := subject.manifest.services.get(service.name)) is not None:
            holders.append((f"services.{service.name}.", service.name, _only(spec.source, _OWN_COMMANDS)))
    holders.append(("", "", _only(subject.manifest.source, ("checks",))))
    for path, name, holder in holders:
        for key, value in holder.items():
            for written, places in _texts(key, value, mark_of(holder, key)):
                yield f"{path}{key}", name, written, places


def _only(source: Map, keys: Sequence[str]) -> Map:
    return Map(((key, source[key]) for key in keys if key in source), values_at=source.values_at)


def _texts(key: str, value: Any, mark: Mark | None) -> Iterator[tuple[str, _Places]]:
    """The texts in a value, each behind its key; an option and its value may be two words of a command."""
    if isinstance(value, dict):
        for name, one in value.items():
            known = key in ("environment", "args")  # a setting, whose name has been looked at
            yield from _texts("" if known else name, one, mark_of(value, name) or mark)
    elif isinstance(value, list) and (key not in _COMMANDS or any(isinstance(one, list | dict) for one in value)):
        for number, one in enumerate(value):
            yield from _texts(key if key in _COMMANDS else "", one, mark_of(value, number) or mark)
    elif value is not None and mark is not None:
        written, places = f"{key}: " if key else "", [(0, mark)]
        for number, one in enumerate(value) if isinstance(value, list) else ():
            word = _word(text(one))
            places.append((len(written) + (word[:1] != text(one)[:1]), mark_of(value, number) or mark))
            written += f"{word} "
        yield (written[:-1] if isinstance(value, list) else written + text(value)), tuple(places)


def _word(word: str) -> str:
    """A word of a command, in quotes where a shell would want it so."""
    quote = next((one for one in "\"'" if one not in word), "") if " " in word else ""
    return f"{quote}{word}{quote}"


def _suspicion(name: str, value: str, hosts: set[str]) -> tuple[str, str] | None:
    """What is wrong with a setting, and what nobody may see of it; None when it is no secret as far as can be told."""
    if hashed := next(hashes(value), None):
        return _HASHED, hashed[0]
    secret = value[slice(*(secrecy.secret_of(name, value) or (0, 0)))]
    slots = [*_url_slots(value, hosts)]
    if in_url := next(((host, plain) for slot, _, host in slots for plain, _ in _literal(slot)), None):
        return f"the password of {in_url[0]} stands here in plain text", (secret and value) or in_url[1]
    plain = f"the value of {name} stands here in plain text"
    if has_variable(secret or value):
        words = "" if "\n" in value else "\n".join(word for word, _ in _literal(secret))
        return (plain, words) if words else _default(name, value, [secret, *(slot for slot, _, _ in slots)])
    if "\n" in value or _GAP.search(secret or value) or is_reference(secret):
        return None
    if secret:
        return plain, secret
    if looks_random(value) and "public" not in name.lower():
        return f"the value of {name} looks like a secret, in plain text", value
    return None


def _default(name: str, value: str, slots: Sequence[str]) -> tuple[str, str] | None:
    """The same of a variable's default, where the setting's name or the variable's tells, or it is in a part of the
    value that is for a secret; and it is no placeholder, and nothing that a shell runs."""
    inner = {one for slot in slots for one in defaults(slot)}
    for variable, default in defaults(value):
        telling = any(secrecy.is_surely_secret(one, default) for one in (name, variable))
        telling = telling or ((variable, default) in inner and secrecy.may_be_secret(default))
        if telling and not has_variable(default) and not _PLACEHOLDER.search(default) and not _RUNS.search(default):
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
        "A secret in plain text, in the manifest, an `env_file` that Git does not ignore, or a `.env` that it tracks",
        "What is in the repository is in every clone, image and backup of it, and is the same for everybody.",
        "Use a template, whose secrets are generated for each machine; or `${NAME}` with the value in `.env` alone. "
        "Let Git ignore a file that holds one.",
        _plain,
        severity=Severity.WARNING,
    ),
)
