"""`extends`, written out. What Compose makes of it is asked in tests/ops/test_importing.py (imports/extends)."""

from __future__ import annotations

from typing import Any

from devenv.core.compose.extends import extended
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Map

COMMON = "services: {app: {extends: root, image: a, volumes: ['./d:/d']}, root: {build: ../code, environment: {A: 1}}}"


def services(text: str, **files: str) -> dict[str, Any]:
    def read(path: str) -> Map | None:
        return parse(files[path], path, Report()) if path in files else None

    found: dict[str, Any] = extended(parse(text, "devenv.yaml", Report()), read)["services"]
    return found


def test_another_files_paths_count_from_here() -> None:
    found = services(
        "services: {web: {extends: {file: base/common.yaml, service: app}, command: go}}",
        **{"base/common.yaml": COMMON},
    )
    assert found["web"] == {
        "build": "./code",
        "environment": {"A": 1},
        "image": "a",
        "volumes": ["./base/d:/d"],
        "command": "go",
    }


def test_a_service_of_the_same_name_in_another_file_is_another_one() -> None:
    found = services(
        "services: {web: {extends: {file: common.yaml, service: web}, command: go}}",
        **{
            "common.yaml": "services: {web: {extends: {file: root.yaml, service: web}}}",
            "root.yaml": "services: {web: {image: x, env_file: a.env}}",
        },
    )
    assert found["web"] == {"image": "x", "env_file": "a.env", "command": "go"}


def test_a_long_chain_and_a_file_of_many_are_read_once() -> None:
    read: list[str] = []
    chain = "".join(f"  s{n}: {{extends: s{n - 1}, labels: {{l{n}: x}}}}\n" for n in range(1, 400))
    many = "".join(f"  m{n}: {{extends: {{file: common.yaml, service: app}}}}\n" for n in range(400))
    data = parse(f"services:\n  s0: {{image: x}}\n{chain}{many}", "devenv.yaml", Report())

    def once(path: str) -> Map | None:
        read.append(path)
        return parse("services: {app: {image: y}}", path, Report())

    found = extended(data, once)["services"]
    assert read == ["common.yaml"]
    assert len(found["s399"]["labels"]) == 399 and found["m399"] == {"image": "y"}


def test_a_chain_without_end_is_left_to_compose() -> None:
    chain = "".join(f"  s{n}: {{extends: s{n + 1}}}\n" for n in range(2000))
    found = services(f"services:\n{chain}  s2000: {{image: x}}\n")
    assert found["s0"] == {"extends": "s1"} and found["s1999"] == {"image": "x"}


def test_what_is_taken_back_is_not_there() -> None:
    found = services("services: {a: {image: x, command: go, ports: ['1:1']}, b: {extends: a, command: !reset null}}")
    assert found["b"] == {"image": "x", "ports": ["1:1"]}


def test_what_cannot_be_written_out_is_left_to_compose() -> None:
    text = """
services:
  a: { extends: b, image: x }
  b: { extends: a }
  c: { extends: gone }
  d: { extends: { file: no.yaml, service: x } }
  e: { extends: { file: 'https://h/x.yaml', service: x } }
  f: { image: x, needs: [a] }
  g: { extends: f }
"""
    written = parse(text, "devenv.yaml", Report())["services"]
    assert services(text) == written


def test_where_nothing_is_extended_nothing_is_copied() -> None:
    data = parse("services: {a: {image: x}}", "devenv.yaml", Report())
    assert extended(data, lambda path: None) is data


def test_a_build_without_a_context_is_that_of_who_extends_it() -> None:
    found = services(
        "services: {web: {extends: {file: base/common.yaml, service: app}}}",
        **{"base/common.yaml": "services: {app: {build: {dockerfile: D, additional_contexts: {x: ./x}}}}"},
    )
    assert found["web"] == {"build": {"dockerfile": "D", "additional_contexts": {"x": "./base/x"}}}
