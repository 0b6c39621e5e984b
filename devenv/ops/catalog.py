"""The templates that `use:` can name: all of them, or one in full with an example to paste."""

from __future__ import annotations

from collections.abc import Iterable

from devenv.core.suggest import suggest
from devenv.engine.world import Catalog
from devenv.errors import DevenvError, Report
from devenv.model.template import Template
from devenv.ops.load import read_template


def templates(catalog: Catalog) -> list[Template]:
    """Every template, by name. Raises DevenvError with all problems of the catalog's own files."""
    report = Report()
    found = [read_template(catalog, name, report) for name in catalog.names()]
    report.raise_if_errors()
    return [template for template in found if template is not None]


def template(catalog: Catalog, name: str) -> Template:
    """One template. Raises DevenvError DE301 for an unknown name, or the problems of its file."""
    wanted = name.partition("@")[0]
    names = catalog.names()
    if wanted not in names:
        hint = suggest(wanted, names) or "`devenv catalog` lists them"
        raise DevenvError.of("DE301", f"there is no template '{wanted}'", hint=hint)
    report = Report()
    found = read_template(catalog, wanted, report)
    report.raise_if_errors()
    assert found is not None
    return found


def example(found: Template) -> str:
    """Text to paste under a manifest's top level: a service made from the template."""
    body = found.example.rstrip("\n") or f"use: {found.name}@{found.versions[0].version}"
    return "\n".join(["services:", f"  {found.name}:", *_indented(body.split("\n"))]) + "\n"


def _indented(lines: Iterable[str]) -> list[str]:
    return [("    " + line).rstrip() for line in lines]
