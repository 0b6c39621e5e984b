"""Booleans and numbers in another spelling than the usual one mean what YAML reads them as."""

from __future__ import annotations

from devenv.core.manifest.manifest import load
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.manifest import Manifest


def read(text: str) -> Manifest:
    report = Report()
    manifest = load(parse(f"devenv: 1\nname: shop\n{text}", "devenv.yaml", report), "devenv.yaml", report)
    assert manifest is not None and not report.errors, report.errors
    return manifest


def test_a_boolean_in_capitals_is_one() -> None:
    web = read(
        "services:\n"
        "  web: {image: x, needs: {db: {env: FALSE}, mq: {env: TRUE}}, ports: {a: {port: 1, publish: FALSE}}}\n"
        "  db: {image: x}\n"
        "  mq: {image: x}\n"
    ).services["web"]
    assert web.needs["db"].env is False
    assert web.needs["mq"].env is None  # its own name, and not 'TRUE'
    assert web.ports is not None and web.ports["a"].publish is False


def test_a_switch_in_capitals_is_on_or_off() -> None:
    assert read("services: {web: {image: x}}\nobservability: TRUE\n").added == {"telemetry": "observability"}
    assert read("services: {web: {image: x}}\nflags: FALSE\nobservability: False\n").added == {}
