"""The templates that `use:` can name: all of them, or one in full with an example to paste."""

from __future__ import annotations

from collections.abc import Iterable

from devenv.core.suggest import suggest
from devenv.core.templates.instance import choose_version
from devenv.engine.world import Catalog
from devenv.errors import DevenvError, Report
from devenv.model.template import Listed, Template
from devenv.ops.load import read_template


def entries(catalog: Catalog, report: Report) -> list[Listed]:
    """Every template that is right, by name; what is wrong with others goes into the report."""
    found = [read_template(catalog, name, report) for name in catalog.names()]
    return [_listed(catalog, template) for template in found if template is not None]


def search(catalog: Catalog, word: str, report: Report) -> list[Listed]:
    """The templates that say `word`, whatever its case: in their name or as a keyword first, then in their summary and
    keywords, then in parameters and outputs. What is wrong with others goes into the report."""
    wanted = word.casefold()
    found = [(place, one) for one in entries(catalog, report) if (place := _place(one.template, wanted)) is not None]
    return [one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].template.name))]


def entry(catalog: Catalog, name: str) -> Listed:
    """One template, and where it comes from. Raises DevenvError as `template`."""
    return _listed(catalog, template(catalog, name))


def _listed(catalog: Catalog, found: Template) -> Listed:
    hidden = tuple(origin.name for origin in catalog.hidden(found.name))
    return Listed(found, catalog.origin(found.name).name, hidden)


def _place(found: Template, word: str) -> int | None:
    parameters = " ".join(f"{name} {p.description}" for name, p in found.parameters.items())
    keywords = [keyword.casefold() for keyword in found.keywords]
    texts = (found.name, f"{found.summary} {' '.join(keywords)}", f"{parameters} {' '.join(found.outputs)}")
    return 0 if word in keywords else next((i for i, text in enumerate(texts) if word in text.casefold()), None)


def template(catalog: Catalog, name: str) -> Template:
    """One template. Raises DevenvError DE301 for an unknown name, DE302 for a version that it has not, or the problems
    of its file."""
    wanted, _, version = name.partition("@")
    names = catalog.names()
    if wanted not in names:
        hint = suggest(wanted, names) or "`devenv catalog` lists them"
        raise DevenvError.of("DE301", f"there is no template '{wanted}'", hint=hint)
    report = Report()
    found = read_template(catalog, wanted, report)
    if found is not None:
        choose_version(found, version, None, "", report)
    report.raise_if_errors()
    assert found is not None
    return found


def example(found: Template) -> str:
    """Text to paste under a manifest's top level: a service made from the template."""
    body = found.example.rstrip("\n") or f"use: {found.name}@{found.versions[0].version}"
    return "\n".join(["services:", f"  {found.name}:", *_indented(body.split("\n"))]) + "\n"


def _indented(lines: Iterable[str]) -> list[str]:
    return [("    " + line).rstrip() for line in lines]
