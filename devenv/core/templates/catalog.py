"""The catalog: `template.yaml` checked and typed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from devenv.core.compose.keys import as_mapping
from devenv.core.templates import limits, parameters, placeholders
from devenv.core.templates.confine import confine
from devenv.core.templates.instance import told
from devenv.core.templates.patterns import wrong_pattern
from devenv.core.templates.phrases import captured
from devenv.core.templates.shape import read_template
from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, Tagged, mark_of, text
from devenv.model.template import Parameter, Template

_Tell = Callable[[str, Mark | None, str], None]

SHARED = ("tenant", "tenant.number")
"""What is only known of a part of a shared server."""

_VIEW = ("host", "port", "url", "published")


def load_template(
    name: str, data: Map, files: Mapping[str, str], folder: str, report: Report, recipe: str = ""
) -> Template | None:
    """The template in `data` (a parsed template.yaml), or None with every problem of its shape in `report`.

    `files` are the folder's text files by relative path; `folder` is kept for recipes, and so is `recipe`, the name of
    what they build (the template's, if empty).
    """
    before = len(report.errors)
    configs = _config_texts(data, files, report)
    template = read_template(data, report, name=name, configs=configs, folder=folder, recipe=recipe or name)
    if template is None:
        return None
    _check(template, files, report)
    return template if len(report.errors) == before else None


def _config_texts(data: Map, files: Mapping[str, str], report: Report) -> Map:
    """`configs` with each `file:` read: name → text with placeholders."""
    configs = data.get("configs")
    if not isinstance(configs, dict):
        return Map()
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
    limits.check_names(source, report)
    limits.check_test(template, report)
    for name, parameter in template.parameters.items() if limits.check_patterns(template, report) else ():
        _check_parameter(parameter, source["parameters"][name], f"parameters.{name}", report)
    if template.image is not None and template.image not in files:
        message = f"the template's folder has no text file '{template.image}'"
        report.add("DE303", message, mark_of(source, "image"), path="image")
    if not template.versions:
        report.add("DE303", "a template needs at least one version", mark_of(source, "versions"), path="versions")
    _check_placeholders(template, report)


def _check_parameter(parameter: Parameter, written: Any, path: str, report: Report) -> None:
    """One parameter, or a field of a record."""
    place = mark_of(written, "default")
    if parameter.pattern is not None and (wrong := wrong_pattern(parameter.pattern)):
        report.add("DE303", f"'pattern' {wrong}", mark_of(written, "pattern"), path=path)
    elif wrong := limits.wrong_default(parameter):
        report.add("DE303", f"the default {wrong}", place, path=f"{path}.default")
    elif parameter.type == "enum" and not parameter.values:
        report.add("DE303", "an enum needs 'values'", place, path=path)
    elif "record" in (parameter.type, parameter.items) and not parameter.fields:
        report.add("DE303", "a record needs 'fields'", getattr(written, "mark", None), path=path)
    elif parameter.default is not None:
        try:
            parameters.convert(parameter, parameter.default)
        except parameters.Mismatch as problem:
            report.add("DE303", f"the default {problem}", place, path=f"{path}.default")
    for name, field in parameter.fields.items():
        _check_parameter(field, written["fields"][name], f"{path}.fields.{name}", report)


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
    for key in ("outputs", "host_outputs", "shell"):
        if key in source:
            fill.value(_without_conditions(source[key], fill, key), key)
    tested = placeholders.Fill(scope | {f"output.{name}": "" for name in (*template.outputs, "host", "port")}, bad, {})
    for key in ("connect", "write", "read", "expect"):
        if key in source.get("test", ()):
            tested.value(_without_conditions(source["test"][key], tested, f"test.{key}"), f"test.{key}")
    services = {"service": source["service"]}
    services |= {f"versions.{v.version}.service": v.service for v in template.versions}
    for path, service in services.items():
        filled = fill.value(_without_conditions(service, fill, path), path)
        confine(filled, ("",), None, report, path)  # '' is what a parameter stands for here
    for content in template.configs.values():
        fill.file(content)
    names = {f"with.{name}" for name in template.parameters}
    for name, parameter in template.parameters.items():
        _check_each(parameter, source["parameters"][name], names, f"parameters.{name}", bad)
    _check_share(template, scope, bad, report)
    _check_adopt(template, bad)


def _check_share(template: Template, scope: Mapping[str, str], bad: _Tell, report: Report) -> None:
    """The same for what makes a part of the server, which knows a few things more."""
    written = template.source.get("share")
    if template.share is None or not isinstance(written, Map):
        return
    servers = {f"server.{name}" for name in scope if name.startswith(("with.", "secret."))}
    fill = placeholders.Fill({**scope, **dict.fromkeys((*servers, *SHARED), "")}, bad, {})
    for key in ("service", "arguments", "shell", "outputs", "host_outputs"):
        if key in written:
            fill.value(_without_conditions(written[key], fill, f"share.{key}"), f"share.{key}")
    confine(
        fill.value(_without_conditions(template.share.service, fill, "share.service")), ("",), None, report, "share"
    )
    for i, name in enumerate(template.share.parameters):
        if name not in template.parameters:
            bad(f"there is no parameter '{name}'", mark_of(written["parameters"], i), "share.parameters")


def _check_adopt(template: Template, bad: _Tell) -> None:
    written = template.source.get("adopt")
    if template.adopt is None or not isinstance(written, Map):
        return
    known = template.parameters.keys() | template.secrets.keys()
    named = [("with", name, mark_of(written["with"], name, of_key=True)) for name in template.adopt.with_]
    named += [
        ("environment", name, mark_of(written["environment"], variable))
        for variable, name in template.adopt.environment.items()
    ]
    named += [("mounts", name, mark_of(written["mounts"], place)) for place, name in template.adopt.mounts.items()]
    for phrase, sets in template.adopt.command.items():
        mark = mark_of(written["command"], phrase, of_key=True)
        named += [("command", name, mark) for name in (*captured(phrase), *sets)]
    for key, name, mark in named:
        if name not in known:
            bad(f"there is no parameter or secret '{name}'", mark, f"adopt.{key}")
    for i, image in enumerate(template.adopt.images):
        if not image or "@" in image or ":" in image.rpartition("/")[2]:
            bad("takes names of images without tags", mark_of(written["images"], i), "adopt.images")
    versions = {one.version for one in template.versions}
    for tag, version in template.adopt.tags.items():
        if version not in versions:
            bad(f"there is no version '{version}'", mark_of(written["tags"], tag), "adopt.tags")
    variables = as_mapping(template.service.get("environment"))
    for i, name in enumerate(template.adopt.same):
        if name not in variables:
            bad(f"the template's environment does not set '{name}'", mark_of(written["same"], i), "adopt.same")


def _check_each(parameter: Parameter, written: Any, names: Collection[str], path: str, bad: _Tell) -> None:
    """What an item of a list stands for, and what one of a record's fields does."""
    scope = dict.fromkeys({"item", *parameter.fields, *names}, "")
    placeholders.Fill(scope, bad, {}).text(parameter.each, f"{path}.each", mark_of(written, "each"))
    for name, field in parameter.fields.items():
        _check_each(field, written["fields"][name], names, f"{path}.fields.{name}", bad)


def _without_conditions(value: Any, fill: placeholders.Fill, path: str) -> Any:
    """`value` with every `when:` checked and taken out, so that what it guards is checked too."""
    if isinstance(value, Tagged):
        return Tagged(value.tag, _without_conditions(value.value, fill, path))
    if isinstance(value, Map):
        if set(value) == {"when", "value"}:
            fill.value(Map({"when": value["when"]}, values_at={"when": mark_of(value, "when") or Mark("", 1, 1)}), path)
            return _without_conditions(value["value"], fill, path)
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
