"""The YAML language server with the schema of policies: what it offers, explains and marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devenv.core.lint.rules import RULES
from devenv.ops.schema import policy_text
from tests.core.policy.test_policy import CASES, WHOLE
from tests.editor.server import Server, server

HEAD = "# yaml-language-server: $schema=policy.schema.json\n"
BEYOND_A_SCHEMA = {"waiver with a wrong day", "empty file", "format empty", "pattern", "pattern of a label"}


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("policies")
    (folder / "policy.schema.json").write_text(policy_text(), "utf-8")
    with server(folder) as made:
        yield made


def test_a_right_policy_has_no_marks_and_rules_are_offered_and_explained(editor: Server) -> None:
    assert editor.diagnose(HEAD + WHOLE) == []
    offered = editor.complete(f"{HEAD}policy: 1\nrules:\n  |\n")
    assert set(RULES) <= set(offered)
    said = editor.hover(f"{HEAD}policy: 1\nrules:\n  loop|back: error\n")
    assert "A port is published on all interfaces" in said


def test_what_lint_objects_to_is_marked(editor: Server) -> None:
    cases = [case for case in CASES if case[0] not in BEYOND_A_SCHEMA and "a list" not in case[0]]
    found = editor.diagnose_all([HEAD + text for _, text, _ in cases])
    unmarked = [case[0] for case, marks in zip(cases, found, strict=True) if not marks]
    assert unmarked == []
