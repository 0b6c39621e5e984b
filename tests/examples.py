"""The examples of the documentation: what kind a fenced block is, and how that kind is held true.

`KINDS` is the list of kinds. A block that fits none of them fails the tests: give it another form, or its kind a row.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devenv.cli.commands import COMMANDS
from devenv.cli.lazy import load as load_command
from devenv.core.compose.keys import SERVICE_KEYS
from devenv.core.config import KEYS, load_config
from devenv.core.lock.lock_file import read_lock
from devenv.core.manifest import manifest
from devenv.core.policy.policy import load_policy
from devenv.core.schema import words
from devenv.core.stack.resolve import resolve
from devenv.core.templates.catalog import load_template
from devenv.core.templates.instance import Use
from devenv.core.yaml.source import dump, parse
from devenv.engine.catalog import FolderCatalog
from devenv.errors import Problem, Report
from devenv.model.data import Map
from devenv.ops.load import read_template
from tests.conftest import ROOT
from tests.pages import PROGRAMS, Block, blocks

CATALOG = FolderCatalog(ROOT / "templates")
_ELSEWHERE = {"DE202", "DE206", "DE207", "DE215", "DE216", "DE217", "DE310", "DE311", "DE319"}
"""What a part of a manifest may lack: it stands in the rest."""
_SOURCES = ("use", "image", "build", "extends", "provider")


def line_words(line: str) -> list[str]:
    """A command line's words, without its comment and without what it is piped into."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|>&")
    lexer.whitespace_split = True
    found: list[str] = []
    for word in lexer:
        if word[0] in "|>&":
            break
        found.append(word)
    while found and re.fullmatch(r"[A-Z_]+=.*", found[0]):
        del found[0]
    return found


def check_command(line: str) -> None:
    """A command line of devenv's names a command and options that there are, as the parser itself sees it."""
    argv = line_words(line)[1:]
    while argv[:1] == ["-C"]:
        argv = argv[2:]
    if not argv or argv in (["--version"], ["--help"], ["COMMAND"]) or argv[0].isupper():
        return
    assert argv[0] in COMMANDS, f"there is no command '{argv[0]}'"
    command, name, rest = load_command(argv[0]), argv[0], argv[1:]
    groups = getattr(command, "commands", None)
    if "[OPTIONS]" in rest or "--help" in rest or (groups and (not rest or rest[0].startswith("-"))):
        return
    if groups:
        assert rest[0] in groups, f"there is no command '{name} {rest[0]}'"
        command, name, rest = groups[rest[0]], f"{name} {rest[0]}", rest[1:]
    if not {"[OPTIONS]", "--help"} & set(rest):
        command.make_context(name, rest)


def _manifest(data: Map, report: Report) -> None:
    if "include" in data or "catalogs" in data:
        _part(data, report)  # what it names stands elsewhere
        return
    read = manifest.load(data, "example.yaml", report, default_name="example")
    if read is None:
        return
    names = {Use.parse(spec.use).name for spec in read.services.values() if spec.use}
    templates = {name: read_template(CATALOG, name, report) for name in names if name in CATALOG.names()}
    resolve(read, {k: v for k, v in templates.items() if v}, report, known=CATALOG.names())


def _part(data: Map, report: Report) -> None:
    inner = Report()
    whole = Map({"devenv": 1, "name": "example", "services": Map({"example": Map({"image": "example"})})} | dict(data))
    manifest.load(Map(whole, keys_at=data.keys_at, values_at=data.values_at), "example.yaml", inner)
    report.problems += [p for p in inner.errors if p.code not in _ELSEWHERE]


def _service(data: Map, report: Report) -> None:
    _part(Map({"services": Map({"example": Map({"image": "example"} | dict(data))})}), report)


def _template(data: Map, report: Report) -> None:
    load_template("example", data, {}, "", report)


def _part_of_template(data: Map, report: Report) -> None:
    least = {
        "template": 1,
        "summary": "s",
        "versions": ["1"],
        "service": Map({"image": "x", "ports": Map({"main": 1})}),
    }
    least |= {"parameters": Map({"seed": Map({"type": "string", "default": ""})})}
    least |= {"secrets": Map({"password": Map({"generate": 24})})}
    outputs = {"outputs": Map({"url": "x://${host}:${port}"})}
    _template(Map({**least, **outputs, **data}), report)


def _policy(data: Map, report: Report) -> None:
    load_policy(data, "devenv.policy.yaml", report)


def _part_of_policy(data: Map, report: Report) -> None:
    _policy(Map({"policy": 1, **data}), report)


def _services(data: Map, report: Report) -> None:
    _part(Map({"services": data}), report)


def _lock(data: Map, report: Report) -> None:
    read_lock(dump(data), report)


def _configuration(data: Map, report: Report) -> None:
    load_config(data, "example.yaml", report)


def _of(*keys: str) -> Callable[[Map], bool]:
    return lambda data: bool(data) and set(data) <= set(keys)


KINDS: dict[str, tuple[Callable[[Map], bool], Callable[[Map, Report], None]]] = {
    "a manifest": (lambda data: "devenv" in data and "services" in data, _manifest),
    "a template": (lambda data: "template" in data, _template),
    "a policy": (lambda data: isinstance(data.get("policy"), int), _policy),
    "waivers of a policy": (_of("waivers", "rules"), _part_of_policy),
    "a lock": (lambda data: "lock" in data, _lock),
    "the configuration of a machine": (_of(*KEYS), _configuration),
    "a part of a template": (_of(*set(words.TEMPLATE) - {"secrets"}), _part_of_template),
    "keys of a service": (_of(*words.SERVICE, *SERVICE_KEYS), _service),
    "a workflow of GitHub's": (lambda data: "jobs" in data, lambda data, report: None),
    "a part of a manifest": (_of(*words.TOP, "secrets", "volumes", "networks", "configs"), _part),
    "services by name": (
        lambda data: all(isinstance(one, Map) and {"use", "image", "build"} & set(one) for one in data.values()),
        _services,
    ),
}
"""Kinds of YAML: which data is of the kind, and what holds it true. The first that fits counts."""


def check_yaml(block: Block) -> list[Problem]:
    """What is wrong with a block of YAML; AssertionError when it is of no kind that is known."""
    report = Report()
    data = parse(block.body, "example.yaml", report)
    if report.errors or data is None:
        return report.errors
    assert isinstance(data, Map), f"{block.where}: YAML of no kind that is known"
    for fits, check in KINDS.values():
        if fits(data):
            check(data, report)
            return report.errors
    raise AssertionError(f"{block.where}: YAML with the keys {', '.join(data)} is of no kind that is known")


def manifests(page: Path) -> list[tuple[Block, Map]]:
    """The page's blocks that are a manifest or a part of one, as a whole manifest."""
    found = []
    for block in blocks(page):
        report = Report()
        data = parse(block.body, "example.yaml", report) if block.language == "yaml" else None
        if report.errors or not isinstance(data, Map):
            continue
        kind = next((kind for kind, (fits, _) in KINDS.items() if fits(data)), "")
        if kind == "keys of a service":
            data = Map({"services": Map({"example": data})})
        elif kind == "services by name":
            data = Map({"services": data})
        elif kind not in ("a manifest", "a part of a manifest"):
            continue
        for name, service in data.get("services", {}).items():
            if not set(_SOURCES) & set(service):
                data["services"][name] = Map({"image": "example", **service})
        found.append((block, Map({"devenv": 1, "services": Map({"example": Map({"image": "example"})}), **data})))
    return found


def check_json(text: str) -> None:
    """JSON, or a part of it: entries of an object, or one object a line."""
    for candidate in (text, f"{{{text}}}"):
        try:
            json.loads(candidate)
        except ValueError:
            continue
        return
    for line in filter(None, map(str.strip, text.split("\n"))):
        json.loads(line)


def _nothing(block: Block) -> Any:
    """What a program prints, or a picture: for the eye."""


def _commands(block: Block) -> None:
    assert block.commands, f"{block.where}: no command; what a program prints stands in a `text` block"
    _lines(block, block.commands)


def _lines(block: Block, lines: list[str]) -> None:
    for line in lines:
        if line_words(line)[:1] in (["devenv"], ["./devenvw"]):
            check_command(line)
        else:
            assert line_words(line)[0] in PROGRAMS, f"{block.where}: {line}: no program that is known"


def _yaml(block: Block) -> None:
    assert not (found := check_yaml(block)), f"{block.where}: {found}"
    _lines(block, block.steps_of_ci)


LANGUAGES: dict[str, Callable[[Block], Any]] = {
    "": _commands,
    "console": _commands,
    "sh": _commands,
    "text": _nothing,
    "yaml": _yaml,
    "json": lambda block: check_json(block.body),
    "python": lambda block: ast.parse(block.body),
    "dockerfile": lambda block: _dockerfile(block),
    "sql": _nothing,
}
"""What is done with a block of each language; another one is of a kind that is not known."""


def _dockerfile(block: Block) -> None:
    first = [line.split(" ", 1)[0] for line in re.sub(r"\\\n", "", block.body).split("\n") if line and line[0] != "#"]
    assert set(first) <= {"FROM", "RUN", "COPY", "CMD", "ENTRYPOINT", "WORKDIR", "ENV", "ARG", "EXPOSE", "USER"}, first
