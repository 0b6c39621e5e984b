"""Templates that want more than a container of their own: each is refused with a place, or comes to nothing.

A file of `hostile/` says in its first line what becomes of it: `refused CODE LINE`, the line being that of its own text
or, after `with {…}`, of the template or the parameter; or `harmless`: it renders, and reads nothing of the host.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from devenv.core.compose.interpolate import interpolate
from devenv.core.manifest import manifest
from devenv.core.stack.render import render
from devenv.core.stack.resolve import resolve
from devenv.core.templates.catalog import load_template
from devenv.core.templates.patterns import LONGEST, matches, wrong_pattern, wrong_pattern_of_policy
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Map
from tests.core.stacks import template

FILES = sorted((Path(__file__).parent / "hostile").glob("*.yaml"))
HEAD = re.compile(r"# (?:refused (DE\d+) (\d+)|(harmless))(?: with (\{.*\}))?")

MANIFEST = """\
devenv: 1
name: shop
services:
  db: { image: db, ports: { main: 5432 } }
  other:
    use: hostile
    with: %s
  app: { image: app, needs: [other] }
"""

HOST = dict.fromkeys(("HOME", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "env.HOME"), "STOLEN")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_none_reads_writes_or_runs_anything(file: Path) -> None:
    written = file.read_text("utf-8")
    head = HEAD.fullmatch(written.partition("\n")[0])
    assert head is not None
    begun = time.monotonic()
    report = Report()
    text = run(written, head[4] or "{}", report)
    assert time.monotonic() - begun < 10
    if head[1]:
        found = [(p.code, p.mark.line if p.mark else None) for p in report.errors]
        assert (head[1], int(head[2])) in found, report.errors
        assert text is None
        assert {p.mark.file for p in report.errors if p.mark} <= {"hostile/template.yaml", "devenv.yaml"}
    else:
        assert not report.problems
        assert text is not None and len(text) < 8 << 20
        assert "STOLEN" not in interpolate(text, HOST)
        services = parse(text, "compose.yaml", Report())["services"]
        assert set(services) == {"db", "other", "app"}
        assert "privileged" not in services["other"]


def run(written: str, with_: str, report: Report) -> str | None:
    data = parse(written, "hostile/template.yaml", report)
    if not isinstance(data, Map) or report.errors:
        return None
    template = load_template("hostile", data, {"template.yaml": written}, "/catalog/hostile", report)
    if template is None:
        return None
    read = manifest.load(parse(MANIFEST % with_, "devenv.yaml", report), "devenv.yaml", report)
    assert read is not None
    stack = resolve(read, {"hostile": template}, report, known=["hostile"])
    return None if stack is None else render(stack, relative_to=".devenv")


def test_a_person_may_still_write_what_a_template_may_not() -> None:
    report = Report()
    template = 'template: 1\nsummary: s\nversions: ["1"]\nservice: { image: x }\n'
    loaded = load_template("t", parse(template, "t", report), {}, "/t", report)
    assert loaded is not None
    text = (
        "devenv: 1\nname: a\nservices: { a: { use: t, privileged: true, volumes: ['./a:/a'], environment: [HOME] } }\n"
    )
    read = manifest.load(parse(text, "devenv.yaml", report), "devenv.yaml", report)
    assert read is not None
    stack = resolve(read, {"t": loaded}, report, known=["t"])
    assert stack is not None and stack.services["a"].compose["privileged"] is True


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a*)*b",
        "(a|a)*",
        "(a|aa)" * 30,
        "a?" * 30 + "a" * 30,
        "(a?){30}",
        "(?:a{1,100}){1,100}",
        "(?:(?:(?:){9999}){9999}){9999}",
        r"(a+)\1*",
        "((a+)b?)+",
        "(?=a)",
        "(?i:a|A)*",
        "(,[^a]+)*",
        "(,a*a*)*x",
        r"(b\w+)+",
        ".*.*.*.*.*.*.*.*x",
        "[a-z]*" * 7,
        "é*[^a]*b",
        "(",
        "(" * 140 + "a{99999999999}",
        "a" * (LONGEST + 1),
    ],
)
def test_patterns_that_may_take_for_ever(pattern: str) -> None:
    assert wrong_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "[a-z_][a-z0-9_]{0,62}",
        "a|b|c",
        r"\d+(\.\d+)?",
        r"\d+\.\d+\.\d+",
        "(ab){1,3}",
        "[a-z]+(?:,[a-z])?",
        "[a-z]{2}(-[a-z]+)+",
        r"[^\s,:]+:\d+(,[^\s,:]+:\d+)*",
        r"https?://[^/]+(/.*)?",
        "^[^a-z]+[a-z]*$",
        ".*foo.*",
        ".*(?:a{2}){0,400}b",
        "(?:.{0,9}){1}[a-z]{0,99}!",
        ".*a?b",
    ],
)
def test_patterns_that_end(pattern: str) -> None:
    assert wrong_pattern(pattern) is None
    begun = time.monotonic()
    for text in ("a" * LONGEST, "ab" * (LONGEST // 2), "a,1:" * (LONGEST // 4)):
        re.fullmatch(pattern, text)
    assert time.monotonic() - begun < 0.5


def test_many_patterns_that_end_would_take_for_ever_together() -> None:
    slow = {"type": "string", "optional": True, "pattern": "(a|b)" * 55}
    fields = {f"f{i}": slow | {"pattern": "(a|b)" * 50 + str(i)} for i in range(101)}
    lists = {"type": "list", "items": "string", "pattern": "[ab]*", "default": ["a" * LONGEST] * 100}
    for parameters in (
        {f"p{k}": {"type": "record", "fields": fields} for k in range(2)},
        {f"p{k}": lists for k in range(2)},
        {"p": {"type": "list", "items": "record", "fields": {"f": slow}, "default": [{"f": "a"}] * 200}},
    ):
        report = Report()
        assert template(json.dumps(SMALL | {"parameters": parameters}), report, "t") is None
        assert [problem.message.partition(", not")[0] for problem in report.problems] == [
            "a template has at most 200 patterns and defaults that are held to one"
        ]
    report = Report()
    assert template(json.dumps(SMALL | {"parameters": {"p": lists}}), report, "t") is not None, report.problems


SMALL = {"template": 1, "summary": "x", "versions": ["1"], "service": {"image": "x"}}


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "(a*)*b",
        "(a|aa){30}x",
        "(?i)(ab|AB)*x",
        "(?i)(?:[a-z]*bC?)*1",
        "(?i)(k\u212a?)*x",
        "(?=(a+)+x)a*",
        "(?:(?=a*)a*)*x",
        "(?:[a-z-]*[a-z])*1",
        "([a-z-]*[a-z](-|b))*1",
        ".*.*.*.*x",
        r"(a+)\1*x",
        "(",
        "a{99999999999}",
        "(" * 3000 + ")" * 3000,
    ],
)
def test_patterns_that_a_policy_cannot_have(pattern: str) -> None:
    assert wrong_pattern_of_policy(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
        "(?i)([a-z]+-)*[a-z]+",
        "(?i:api|web)-[a-z]+",
        "(?!test-)[a-z-]+(?<!-)",
        "(?:(?!--)[a-z-])+",
        "^(?!.*--)[a-z][a-z0-9-]*$",
        r"([a-z]+)-\1",
        "[^@ ]+@acme[.]example",
        ".*-.*-.*",
        ".*.*x",
        "(.*)\\1x",
        "(?:a|a){16}",
        ".*(a|a){8}x",
        "|".join(f"team-{number}" for number in range(200)),
    ],
)
def test_patterns_that_a_policy_can_have_end(pattern: str) -> None:
    assert wrong_pattern_of_policy(pattern) is None
    begun = time.process_time()
    for text in ("a" * LONGEST, "ab" * (LONGEST // 2), "a-" * (LONGEST // 2), "aA" * (LONGEST // 2), "a.b" * 100):
        matches(pattern, text)
    assert time.process_time() - begun < 1


def test_a_text_that_is_too_long_for_a_pattern_does_not_match() -> None:
    assert matches(".*", "a" * LONGEST) and not matches(".*", "a" * (LONGEST + 1))
