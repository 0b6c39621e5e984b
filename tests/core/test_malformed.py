"""The corpus of malformed manifests: each case says which problems are found, and in which lines.

A file of `malformed/` may begin with `wrap`, lines around every case of the file, with `{}` where the case goes; the
cases' lines count from there. `=== title :: DE204 1, DE203 2` heads a case.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.codes import CODES
from devenv.core.compose.merge import merge
from devenv.core.inclusion.entries import read_entries
from devenv.core.manifest.manifest import load
from devenv.core.yaml.source import parse
from devenv.errors import DevenvError, ExitCode, Report
from devenv.model.data import Map

FOLDER = Path(__file__).parent / "malformed"
SIGNS = {"TAB": "\t", "NUL": "\0", "BEL": "\a", "ESC": "\x1b", "DEL": "\x7f", "SURROGATE": "\ud800", "FFFE": "\ufffe"}


class Case(NamedTuple):
    name: str
    text: str
    before: int
    expected: list[tuple[str, int]]


def cases() -> list[Case]:
    found = []
    for file in sorted(FOLDER.glob("*.txt")):
        head, *parts = re.split(r"^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        wrap = head.removeprefix("wrap\n").removesuffix("{}\n")
        for part in parts:
            heading, _, body = part.partition("\n")
            title, _, wanted = heading.partition(" :: ")
            for name, sign in SIGNS.items():
                body = body.replace(f"<{name}>", sign)
            expected = [(code, int(line)) for code, line in (one.split() for one in wanted.split(", "))]
            found.append(Case(f"{file.stem}: {title}", wrap + body, wrap.count("\n"), expected))
    return found


CASES = cases()


def run(text: str) -> Report:
    report = Report()
    data = parse(text, "devenv.yaml", report)
    if isinstance(data, Map):
        read_entries(data, report)
    if data is not None or not report.errors:
        load(data, "devenv.yaml", report)
    return report


def test_the_corpus_is_large_and_every_case_is_another() -> None:
    assert len(CASES) >= 390
    assert len({case.text for case in CASES}) == len(CASES)
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_problem_is_found_at_its_place(case: Case) -> None:
    started = time.process_time()
    report = run(case.text)
    assert time.process_time() - started < 1
    problems = report.sorted(report.errors)
    assert [(p.code, p.mark.line - case.before) for p in problems] == case.expected
    lines = case.text.replace("\r\n", "\n").split("\n")
    for problem in problems:
        assert problem.code in CODES
        assert problem.exit_code == ExitCode.INVALID
        assert problem.mark.file == "devenv.yaml"
        assert problem.excerpt == lines[problem.mark.line - 1]
        assert 1 <= problem.mark.column <= len(problem.excerpt) + 1
        assert problem.mark.width >= 1
        for words in (problem.message, problem.hint or "x"):
            assert words
            assert words.isprintable()
            assert "!" not in re.sub(r"'[^']*'|!reset|!override|!![\w/:.]+|tag ![\w]+", "", words)
            assert not re.match(r"[A-Z][a-z]", words)


VALID = """\
devenv: 1
name: shop
x-common: &common
  environment: {A: 1, B: "two"}
services:
  db: {use: postgres@17, with: {database: shop}}
  job: {image: x, job: true, command: [a, b]}
  web:
    <<: *common
    build: {context: ., args: [A=1]}
    needs: {db: {env: DB, until: ready}, job: }
    ports: {http: 8080, admin: {port: 9000, publish: false}}
    ready: {http: /healthz, port: http, within: 1m30s}
    setup: [make, [make, test]]
    open: http
    volumes: ["data:/data", {type: bind, source: ., target: /src}]
    healthcheck: !reset null
modes: {all: [db, web]}
checks: {home: {http: "${web.http.url}/", expect: {status: 200}}}
volumes: {data: }
"""


def test_the_valid_manifest_is_valid() -> None:
    assert run(VALID).problems == []


ALPHABET = st.sampled_from([*" \n\t:-#'\"[]{},&*!|>?%@`~<=\\$0159abx.…\0", "\n  ", ": ", "- ", "null", "!reset "])
VALUES = st.sampled_from(["null", "true", "5", "-1", "0x1F", "text", "''", "[]", "{}", "[[a]]", "{a: {b: }}", "*none"])


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(VALID)), st.integers(0, 12), st.lists(ALPHABET, max_size=3)), max_size=4))
def test_mutations_of_text_only_report(changes: list[tuple[int, int, list[str]]]) -> None:
    text = VALID
    for at, length, signs in changes:
        text = text[:at] + "".join(signs) + text[at + length :]
    report = run(text)
    assert all(p.mark is not None and p.code in CODES for p in report.problems)


SPOTS = [match.span() for match in re.finditer(r"(?<=: )[^\n,{}\[\]]+|(?<=[{,\[] )[\w@.\"]+", VALID)]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SPOTS), VALUES), min_size=1, max_size=3, unique_by=lambda change: change[0]))
def test_mutations_of_values_only_report(changes: list[tuple[tuple[int, int], str]]) -> None:
    text = VALID
    for (start, end), value in sorted(changes, reverse=True):
        text = text[:start] + value + text[end:]
    report = run(text)
    assert all(p.mark is not None and p.code in CODES for p in report.problems)


# fmt: off
KEYS = st.sampled_from([
    "devenv", "name", "services", "modes", "checks", "volumes", "networks", "secrets", "web", "db", "image", "use",
    "with", "needs", "ports", "ready", "setup", "job", "open", "build", "environment", "http", "port", "within", "",
])
# fmt: on
SCALARS = st.none() | st.booleans() | st.integers(-2, 70000) | st.floats() | st.text(max_size=6) | KEYS
ANYTHING = st.recursive(
    SCALARS, lambda d: st.lists(d, max_size=3) | st.dictionaries(KEYS, d, max_size=5).map(Map), max_leaves=20
)


@settings(max_examples=400, deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_any_data_only_reports(service: object, needs: object, top: object) -> None:
    data = Map({"devenv": 1, "name": "a", "services": Map({"web": service, "db": Map({"image": "x", "needs": needs})})})
    if isinstance(top, dict):
        data = merge(data, Map(top))
    report = Report()
    load(data, "devenv.yaml", report)
    assert all(p.mark is not None and p.code in CODES for p in report.problems)
    if report.errors:
        with pytest.raises(DevenvError):
            report.raise_if_errors()


@pytest.mark.parametrize(
    "text",
    [
        "devenv: 1\nname: a\nservices:\n"
        + "".join(f"  s{i}: {{image: [x], prots: 1, needs: [nope{i}]}}\n" for i in range(3000)),
        "".join(f"key{i}: 1\n" for i in range(40_000)),
        "a: &a\n" * 40_000,
        "devenv: 1\nname: a\nservices: {a: {image: x, environment: {" + "A: 1, " * 30_000 + "}}}\n",
    ],
    ids=["services", "keys", "duplicates", "variables"],
)
def test_thousands_of_problems_are_found_in_little_time(text: str) -> None:
    started = time.process_time()
    assert len(run(text).problems) >= 9000
    assert time.process_time() - started < 3
