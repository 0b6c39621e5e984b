"""Templates as people and programs read them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from devenv.model.template import Listed, Parameter
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.tables import Cell, table
from devenv.ui.text import visible, visible_lines

_VERSIONS = 16
"""Columns that a list of versions gets on a terminal."""


def format_templates(listed: Sequence[Listed], *, colour: bool, width: int | None = None) -> str:
    """One line a template: name, versions (the first is the default), where it comes from if there are several such
    places, summary."""
    if not listed:
        return "no template"
    several = len({one.catalog for one in listed}) > 1
    rows: list[tuple[Cell | str, ...]] = [
        (
            Cell(one.template.name, "bold"),
            _versions([v.version for v in one.template.versions], width),
            *([visible(one.catalog)] if several else []),
            visible(one.template.summary),
        )
        for one in listed
    ]
    titles = ("template", "versions", *(["catalog"] if several else []), "summary")
    return table(titles, rows, colour=colour, width=width)


def format_template(listed: Listed, example: str, *, colour: bool, width: int | None = None) -> str:
    """Everything that a person needs to use it."""
    template = listed.template
    versions = [v.version for v in template.versions]
    parts = [f"{paint(visible(template.name), 'bold', colour)}: {visible(template.summary)}"]
    if template.home:
        parts[0] += f"\n{visible(template.home)}"
    if listed.catalog != "built-in" or listed.hides:
        hides = f"\n  instead of that of {', '.join(map(visible, listed.hides))}" if listed.hides else ""
        parts.append(_titled("Catalog", f"  {visible(listed.catalog)}{hides}", colour))
    parts.append(_titled("Versions", f"  {', '.join(versions)} (default {versions[0]})", colour))
    if template.parameters:
        rows = [_parameter(name, p) for name, p in template.parameters.items()]
        text = table(("  with", "type", "default", "meaning"), rows, colour=colour, width=width)
        parts.append(_titled("Parameters", text, colour))
    outputs = dict.fromkeys(("host", "port", *template.outputs))
    names = ", ".join(f"${{{template.name}.{name}}}" for name in outputs)
    lines = textwrap.wrap(names, (width or 120) - 2, break_long_words=False, break_on_hyphens=False)
    parts.append(_titled("Outputs", "\n".join("  " + line for line in lines), colour))
    if template.data:
        parts.append(_titled("Data", f"  volumes: {', '.join(template.data)}", colour))
    parts.append(_titled("Example", "  " + visible_lines(example.rstrip("\n")).replace("\n", "\n  "), colour))
    return "\n\n".join(parts)


def templates_as_json(listed: Sequence[Listed]) -> str:
    """The list, documented in docs/reference/json.md."""
    found = [
        {
            "name": one.template.name,
            "summary": one.template.summary,
            "keywords": list(one.template.keywords),
            "versions": [v.version for v in one.template.versions],
            "catalog": one.catalog,
        }
        for one in listed
    ]
    return json_text({"templates": found})


def template_as_json(listed: Listed, example: str) -> str:
    """One template, documented in docs/reference/json.md."""
    template = listed.template
    parameters = {
        name: {
            "type": p.type,
            "description": p.description,
            "default": p.default,
            "required": _required(p),
            **({"values": list(p.values)} if p.values else {}),
        }
        for name, p in template.parameters.items()
    }
    data: dict[str, Any] = {
        "name": template.name,
        "summary": template.summary,
        "keywords": list(template.keywords),
        "home": template.home or None,
        "catalog": listed.catalog,
        "hides": list(listed.hides),
        "versions": [v.version for v in template.versions],
        "parameters": parameters,
        "outputs": list(dict.fromkeys(("host", "port", *template.outputs))),
        "data": list(template.data),
        "example": example,
    }
    return json_text(data)


def _versions(versions: list[str], width: int | None) -> str:
    """All versions, or on a terminal those that leave room for the summary."""
    shown = versions[:1]
    for version in versions[1:]:
        if width is not None and len(" ".join([*shown, version])) > _VERSIONS:
            return " ".join([*shown, "…"])
        shown.append(version)
    return " ".join(shown)


def _titled(title: str, text: str, colour: bool) -> str:
    return paint(title, "bold", colour) + "\n" + text


def _required(parameter: Parameter) -> bool:
    return parameter.default is None and not parameter.optional


def _parameter(name: str, parameter: Parameter) -> tuple[Cell | str, ...]:
    kind = "|".join(parameter.values) if parameter.type == "enum" else parameter.type
    fields = f" (fields: {', '.join(parameter.fields)})" if parameter.fields else ""
    return Cell("  " + name, "bold"), kind, _default(parameter), parameter.description + fields


def _default(parameter: Parameter) -> str:
    if parameter.default is None:
        return "none" if parameter.optional else "required"
    value = parameter.default
    if isinstance(value, str):
        return str(value) or '""'
    return json.dumps(value, ensure_ascii=False, default=str)
