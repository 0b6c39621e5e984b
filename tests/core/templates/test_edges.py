"""Values at the edges of parameters."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devenv.core.templates import edges
from devenv.core.templates.catalog import load_template
from devenv.core.templates.parameters import convert
from devenv.core.yaml.source import parse
from devenv.engine.catalog import FolderCatalog
from devenv.errors import Report
from devenv.model.template import Parameter, Template
from devenv.ops.load import read_template
from tests.conftest import ROOT

CATALOG = FolderCatalog(ROOT / "templates")

PATTERNS = [
    "[a-z_][a-z0-9_]{0,62}",
    "a|bcd",
    "[^/]+",
    r"\d+(\.\d+)?",
    "[A-Za-z0-9][A-Za-z0-9._-]*",
    r"https?://\S+",
    "(?:ab){2,3}c?",
    r"[^a]{3}\w\s.",
    "[A-Z]{2}_[A-Z]{2}",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_has_a_shortest_and_a_longest_text(pattern: str) -> None:
    low, high = edges.matching(pattern, high=False), edges.matching(pattern, high=True)
    assert re.fullmatch(pattern, low) and re.fullmatch(pattern, high)
    assert len(low) <= len(high) <= 200


def template(**parameters: object) -> Template:
    written = json.dumps({"template": 1, "summary": "s", "versions": ["1"], "service": {"image": "x"}})
    report = Report()
    data = parse(f'{written[:-1]}, "parameters": {json.dumps(parameters)}}}', "template.yaml", report)
    found = load_template("t", data, {}, "", report)
    assert found is not None, report.problems
    return found


@given(least=st.integers(-5, 5), more=st.integers(0, 100))
def test_numbers_are_taken_at_both_ends(least: int, more: int) -> None:
    one = template(n={"type": "integer", "min": least, "max": least + more})
    assert (edges.values(one, "low"), edges.values(one, "high")) == ({"n": least}, {"n": least + more})


def test_only_what_must_be_given_is_required() -> None:
    one = template(
        a={"type": "string"},
        b={"type": "string", "default": "x"},
        c={"type": "file", "optional": True},
        d={"type": "list"},
    )
    assert edges.values(one, "required") == {"a": "a", "d": []}


def test_hostile_texts_are_given_to_whatever_takes_them() -> None:
    one = template(
        a={"type": "string"},
        b={"type": "string", "pattern": "[a-z]+"},
        c={"type": "integer", "default": 1},
        d={"type": "list", "default": []},
    )
    found = edges.hostile(one)
    assert "privileged" in found["a"] and "privileged" in found["d"][0]
    assert (found["b"], "c" in found) == ("a", False)


@pytest.mark.parametrize("name", CATALOG.names())
def test_every_parameter_of_the_catalog_takes_its_edges(name: str) -> None:
    found = read_template(CATALOG, name, Report())
    assert found is not None
    for kind in ("low", "high"):
        for key, value in edges.values(found, kind).items():
            convert(found.parameters[key], value)
    assert all(isinstance(parameter, Parameter) for parameter in found.parameters.values())
