"""The log of `devenv lint --format sarif` against the schema that the standard publishes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from devenv.model.lint import Verdict
from devenv.ops.lint import rule_words
from devenv.ui.annotations import as_sarif
from tests.cli.test_lint import ERROR, lint
from tests.editor.server import cached
from tests.ui.test_annotations import LOCAL, RULES, VERDICT

SCHEMA = "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="module")
def standard() -> Draft7Validator:
    return Draft7Validator(json.loads(cached(SCHEMA).read_text("utf-8")))


def problems(standard: Draft7Validator, log: Any) -> list[str]:
    return [f"{list(error.path)}: {error.message}" for error in standard.iter_errors(log)]


def test_logs_are_valid(standard: Draft7Validator) -> None:
    for verdict in (VERDICT, Verdict()):
        assert problems(standard, json.loads(as_sarif(verdict, "deploy", LOCAL, RULES | rule_words()))) == []
    assert problems(standard, lint("--format", "sarif", files=ERROR).data) == []


def test_the_schema_would_tell(standard: Draft7Validator) -> None:
    log = json.loads(as_sarif(VERDICT, "", LOCAL, RULES))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert problems(standard, log) != []
