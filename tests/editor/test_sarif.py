"""The logs of `devenv lint --format sarif` against the schema that the standard publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from devenv.errors import DevenvError, Mark
from devenv.model.lint import Finding, Severity, Verdict
from devenv.ops.lint import rule_words
from devenv.ui.annotations import as_sarif
from tests.cli.running import Outside, run
from tests.cli.test_lint import ERROR, lint
from tests.editor.server import cached
from tests.ops.test_lint import STACK, world
from tests.ui.test_annotations import LOCAL, RULES, VERDICT

SCHEMA = "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
ODD = Finding("DL306", "restarts", Severity.INFO, "a\x00b\u202e", Mark("/a b/ü%.yaml", 1, 1, 0))
WAIVERS = """\
policy: 1
rules: {loopback: {severity: error, reason: Cafés.}, digests: warning}
waivers:
  - {rule: loopback, services: web, owner: core, until: 2026-06-20, reason: Soon.}
  - {rule: digests, services: web, owner: core, until: 2026-06-01, reason: It was.}
  - {rule: restarts, services: nobody, owner: core, until: 2027-01-01, reason: Unused.}
"""


@pytest.fixture(scope="module")
def standard() -> Draft4Validator:
    return Draft4Validator(json.loads(cached(SCHEMA).read_text("utf-8")))


def problems(standard: Draft4Validator, log: Any) -> list[str]:
    return [f"{list(error.path)}: {error.message}" for error in standard.iter_errors(log)]


@pytest.mark.parametrize("verdict", [VERDICT, Verdict(), Verdict((ODD,))], ids=["every kind", "nothing", "odd"])
def test_logs_of_verdicts_are_valid(standard: Draft4Validator, verdict: Verdict) -> None:
    log = json.loads(as_sarif(verdict, "devenv.yaml", "deploy", LOCAL | {"/a b/ü%.yaml"}, RULES | rule_words()))
    assert problems(standard, log) == []


@pytest.mark.parametrize(
    ("argv", "files", "manifest", "code", "results"),
    [
        ([], ERROR, STACK, 1, {"DL103", "DL201", "DL306"}),
        (["unused"], None, STACK, 0, set()),
        (
            [],
            {"devenv.policy.yaml": WAIVERS},
            STACK,
            0,
            {"DL102", "DL103", "DL201", "DL306", "DL951", "DL952", "DL953"},
        ),
        (["--fix", "--dry-run"], None, STACK, 0, {"DL103", "DL201", "DL306"}),
        ([], None, "devenv: 1\nname: a\nservices: {a: {imge: x}, b: {use: nothing}}\n", 3, {"DE203", "DE207", "DE301"}),
        ([], None, "a: [", 3, {"DE105"}),
        ([], {"devenv.policy.yaml": "policy: 2\n"}, STACK, 3, {"DE802"}),
        (["--fix"], {"devenv.policy.yaml": "policy: 2\n"}, STACK, 3, {"DE802"}),
        (["nothing"], None, STACK, 2, {"DE710"}),
    ],
)
def test_every_log_that_lint_prints_is_valid(
    standard: Draft4Validator,
    argv: list[str],
    files: dict[str, str] | None,
    manifest: str,
    code: int,
    results: set[str],
) -> None:
    done = lint("--format", "sarif", *argv, files=files, manifest=manifest)
    assert (done.code, problems(standard, done.data)) == (code, [])
    (found,) = done.data["runs"]
    assert {one["ruleId"] for one in found["results"]} == results
    assert all(one["locations"] for one in found["results"])


def test_without_a_manifest_there_is_a_log_too(standard: Draft4Validator) -> None:
    class Nowhere(Outside):
        def world(self, directory: Path, file: str | None) -> Any:
            raise DevenvError.of("DE101", "there is no devenv.yaml")

    done = run("lint", "--format", "sarif", outside=Nowhere(world()))
    assert (done.code, problems(standard, done.data)) == (3, [])
    assert [one["ruleId"] for one in done.data["runs"][0]["results"]] == ["DE101"]


@pytest.mark.parametrize(
    ("at", "wrong"),
    [(("level",), "fatal"), (("ruleIndex",), "1"), (("message",), {}), (("locations",), {}), (("suppressions",), [{}])],
)
def test_the_schema_would_tell(standard: Draft4Validator, at: tuple[str], wrong: Any) -> None:
    log = json.loads(as_sarif(VERDICT, "devenv.yaml", "", LOCAL, RULES))
    log["runs"][0]["results"][0][at[0]] = wrong
    assert problems(standard, log) != []
