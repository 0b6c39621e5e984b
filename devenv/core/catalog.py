"""The catalog: `template.yaml` checked and typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from devenv.core import parameters, placeholders
from devenv.core.instance import told
from devenv.core.shapes import report_shape
from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, Tagged, mark_of, text
from devenv.model.template import Template

_VIEW = ("host", "port", "url", "published")


def load_template(name: str, data: Map, files: Mapping[str, str], folder: str, report: Report) -> Template | None:
    """The template in `data` (a parsed template.yaml), or None with every problem of its shape in `report`.

    `files` are the folder's text files by relative path; `folder` is kept for recipes.
    """
    before = len(report.errors)
    raw: dict[str, Any] = dict(data)
    raw["format"] = raw.pop("template", None)
    raw["versions"] = _versions(raw.get("versions"))
    raw["configs"] = _config_texts(data, files, report)
    try:
        template = Template.model_validate({**raw, "name": name, "source": data, "folder": folder})
    except ValidationError as error:
        report_shape(error, data, "DE303", report, renamed={"format": "template"})
        return None
    _check(template, files, report)
    return template if len(report.errors) == before else None


def _versions(written: Any) -> Any:
    if not isinstance(written, list):
        return written
    return [v if isinstance(v, dict) else {"version": v} for v in written]


def _config_texts(data: Map, files: Mapping[str, str], report: Report) -> Any:
    """`configs` with each `file:` read: name → text with placeholders."""
    configs = data.get("configs")
    if not isinstance(configs, dict):
        return Map() if configs is None else configs
    result = Map(mark=data.mark)
    for name, entry in configs.items():
        mark = mark_of(configs, name)
        if isinstance(entry, dict) and set(entry) == {"content"}:
            result[name] = text(entry["content"])
        elif isinstance(entry, dict) and set(entry) == {"file"} and text(entry["file"]) in files:
            result[name] = files[text(entry["file"])]
        elif isinstance(entry, dict) and set(entry) == {"file"}:
            message = f"the template's folder has no text file '{text(entry['file'])}'"
            report.add("DE303", message, mark_of(entry, "file"), path=f"configs.{name}")
        else:
            report.add("DE303", "a config is 'content: TEXT' or 'file: PATH'", mark, path=f"configs.{name}")
    return result


def _check(template: Template, files: Mapping[str, str], report: Report) -> None:
    """What a shape alone does not say: defaults fit, placeholders and conditions mean something, files are there."""
    source = template.source
    for name, parameter in template.parameters.items():
        place = mark_of(source["parameters"][name], "default")
        if parameter.type == "enum" and not parameter.values:
            report.add("DE303", "an enum needs 'values'", place, path=f"parameters.{name}")
        elif parameter.default is not None:
            try:
                parameters.convert(parameter, parameter.default)
            except parameters.Mismatch as problem:
                report.add("DE303", f"the default {problem}", place, path=f"parameters.{name}.default")
            except re.error:
                report.add("DE303", "'pattern' is not a regular expression", place, path=f"parameters.{name}")
    if template.image is not None and template.image not in files:
        message = f"the template's folder has no text file '{template.image}'"
        report.add("DE303", message, mark_of(source, "image"), path="image")
    if not template.versions:
        report.add("DE303", "a template needs at least one version", mark_of(source, "versions"), path="versions")
    _check_placeholders(template, report)


def _check_placeholders(template: Template, report: Report) -> None:
    """Visits everything with every parameter unset, whatever `when:` says; only what is unknown is told."""
    names = {f"with.{n}" for n in template.parameters} | {f"secret.{n}" for n in template.secrets}
    ports: set[str] = set()
    for service in (template.service, *(v.service for v in template.versions)):
        if isinstance(service.get("ports"), dict):
            ports |= set(service["ports"])
    names |= {f"{port}.{view}" for port in ports for view in _VIEW} | {"version", "host", "service"}
    if ports:
        names.add("port")
    bad = told(template, report)
    scope = dict.fromkeys(names, "")
    fill = placeholders.Fill(scope, bad, {})
    source = template.source
    for key in ("service", "outputs", "host_outputs", "shell"):
        if key in source:
            fill.value(_without_conditions(source[key], fill, key), key)
    for version in template.versions:
        fill.value(_without_conditions(version.service, fill, "versions"), f"versions.{version.version}.service")
    for content in template.configs.values():
        fill.file(content)


def _without_conditions(value: Any, fill: placeholders.Fill, path: str) -> Any:
    """`value` with every `when:` checked and taken out, so that what it guards is checked too."""
    if isinstance(value, Tagged):
        return Tagged(value.tag, _without_conditions(value.value, fill, path))
    if isinstance(value, Map):
        if "when" in value:
            fill.value(Map({"when": value["when"]}, values_at={"when": mark_of(value, "when") or Mark("", 1, 1)}), path)
        return Map(
            ((k, _without_conditions(v, fill, f"{path}.{k}")) for k, v in value.items() if k != "when"),
            mark=value.mark,
            keys_at=value.keys_at,
            values_at=value.values_at,
        )
    if isinstance(value, Seq):
        items = (_without_conditions(v, fill, f"{path}[{i}]") for i, v in enumerate(value))
        return Seq(items, mark=value.mark, items_at=value.items_at)
    return value
