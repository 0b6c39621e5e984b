"""The catalog in JSON Schema: what `use:` may name, what `with:` may then set, and what a template.yaml may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import ceil, inf, isfinite
from typing import Any, Literal, get_args

from devenv.core.compose import interpolate
from devenv.core.compose.sizes import UNITS
from devenv.core.schema import words
from devenv.core.schema.compose import any_service_keys
from devenv.core.schema.parts import ANYTHING, SCALAR, Schema, described, mapping, or_else, text, unless_misspelt
from devenv.core.schema.quantities import quantity, whole_number
from devenv.core.stack import references
from devenv.core.templates.parameters import SECONDS, said_of
from devenv.core.templates.patterns import numbers
from devenv.core.yaml.scalars import read_plain
from devenv.model.data import meant
from devenv.model.data import text as as_text
from devenv.model.template import Parameter, ParameterType, Template

_SIZES = {rf"\s*{f'[{unit}{unit.upper()}]' if unit else ''}[iI]?[bB]?": factor for unit, factor in UNITS.items()}


def use(templates: Sequence[Template], fitting: Callable[[Template], bool] | None = None) -> Schema:
    """`use:`: every template, alone and with each of its versions. Editors offer those that are `fitting`."""
    if not templates:
        return {"type": "string"}
    names: dict[str, str] = {}
    for template in templates:
        versions = [version.version for version in template.versions]
        names[template.name] = f"{template.summary}. {versions[0]}, or with @: {', '.join(versions)}"
    for template in templates:
        names |= {
            f"{template.name}@{version.version}": f"{template.summary}, {version.version}"
            for version in template.versions
        }
    other = [] if fitting is None else [one.name for one in templates if not fitting(one)]
    rest = [name for name in names if name.partition("@")[0] in other]
    # A choice, and not an `enum`: an editor then explains the one that was chosen, and not all of them.
    choice: list[Schema] = [{"const": name, "description": said} for name, said in names.items() if name not in rest]
    if rest:
        choice.append({"pattern": f"^(?:{'|'.join(map(re.escape, rest))})$", "patternErrorMessage": "is no template"})
    return {"type": "string", "anyOf": choice}


def parameters_of(template: Template, *, by_default: str | None = None) -> Schema:
    """What holds of a service that uses `template`: a rule for `allOf`. `by_default`: of a switch, which uses that
    template where none is named, and gives it what it must have (a file, a database).
    """
    named = {name: _parameter(parameter) for name, parameter in template.parameters.items()}
    secret = described({"type": list(SCALAR)}, "The secret, instead of a generated one")
    named |= {name: secret for name in template.secrets if name not in named}
    must = needed(template) if by_default is None else []
    with_: Schema = {"properties": named, "additionalProperties": False}
    then: Schema = {"properties": {"with": with_}}
    if must:
        with_ |= {"type": "object", "required": must}
        then["required"] = ["with"]
    return {"if": uses(template.name, by_default), "then": then}


def needed(template: Template) -> list[str]:
    """The parameters that must be given."""
    return [name for name, one in template.parameters.items() if one.default is None and not one.optional]


def uses(template: str, by_default: str | None = None) -> Schema:
    """A condition: the template is used, in whatever version; a mapping without `use` has the one `by_default`."""
    named: Schema = {"properties": {"use": {"type": "string", "pattern": f"^{re.escape(template)}(?:@|$)"}}}
    return named if template == by_default else {**named, "required": ["use"]}


def _parameter(parameter: Parameter) -> Schema:
    schema = _of_type(parameter, parameter.type)
    if parameter.default is not None or parameter.optional:
        # Nothing means that it is not set. An enum does not list it among its values.
        nothing = {"type": "null"}
        schema = {"anyOf": [schema, nothing]} if "enum" in schema else or_else(schema, "null")
    if parameter.default is not None and parameter.default != []:
        schema["default"] = plain(parameter.default)
    said = parameter.description or f"a {parameter.type}"
    note = "" if parameter.default is not None or parameter.optional else " (required)"
    return described(schema, f"{said}{note}")


def _of_type(parameter: Parameter, kind: ParameterType) -> Schema:
    if kind == "list":
        return {"type": ["array"], "items": _of_type(parameter, parameter.items)}
    if kind == "record":
        return _record(parameter)
    if kind == "mapping":
        return {"type": ["object"]}
    pattern = {} if parameter.pattern is None else _pattern(parameter.pattern)
    bounds = {"minimum": parameter.min, "maximum": parameter.max}
    within = {name: _whole(bound) for name, bound in bounds.items() if bound is not None}
    if kind in ("integer", "number"):
        return {"type": [kind], **within}
    if kind == "boolean":
        return {"type": ["boolean"]}
    if kind == "enum":
        return {"type": list(SCALAR), "enum": [*parameter.values, *_read(parameter.values)]}
    if kind in ("size", "duration"):
        # A pattern of the template's own comes on top of the type's.
        both = {**_quantity(parameter, kind), **({"allOf": [pattern]} if pattern else {})}
        return {"type": ["string", "number"], "minimum": 0, **both, **within}
    if kind in ("file", "directory"):
        return {"type": list(SCALAR), **(pattern or {"pattern": "^[^\n]+$"})}
    return {"type": list(SCALAR), **pattern}


def _quantity(parameter: Parameter, kind: Literal["size", "duration"]) -> Schema:
    """A size or a duration as a text. A duration of several parts (`1h30m`) is held to no bound: no pattern can add."""
    lowest, highest = parameter.min or 0, inf if parameter.max is None else parameter.max
    takes = f"takes a {kind} such as {'256m or 1g' if kind == 'size' else '30s, 5m or 1h30m'}"
    takes += f", at least {said_of(kind, lowest)}" if lowest else ""
    takes += f", at most {said_of(kind, highest)}" if highest < inf else ""
    if kind == "size":
        pattern = quantity(_SIZES, lowest, highest)
        return {"pattern": rf"^\s*(?:{pattern})\s*$", "patternErrorMessage": takes}
    half = 0.5  # seconds are rounded
    pattern = quantity(SECONDS, lowest - half, highest + half)
    bare, part = whole_number(ceil(lowest), highest), rf"\d+(?:\.\d+)?(?:{'|'.join(SECONDS)})"
    return {"pattern": rf"^\s*(?:{bare}|{pattern}|(?:{part}){{2,}})\s*$", "patternErrorMessage": takes, "multipleOf": 1}


def _pattern(own: str) -> Schema:
    """A template's own pattern, to which a text that refers to another service is not held, and one with a variable
    only in its default.

    JSON Schema holds only texts to patterns: numbers and booleans without quotes are refused where none can match.
    """
    any_, negative, fraction = numbers(own)
    never = [] if any_ else ["number"]
    bounds = {**({} if negative else {"minimum": 0}), **({} if fraction else {"multipleOf": 1})}
    if not re.fullmatch(own, "true") and not re.fullmatch(own, "false"):
        never.append("boolean")
    rule = {"if": {"type": never}, "then": {"type": "string"}} if never else {}
    texts = f"^(?:{own}|{interpolate.defaulted(own)})$"
    pattern = f"{texts}|{references.HOLDS_ONE}|{interpolate.HOLDS_ANOTHER}"
    return {"pattern": pattern, "patternErrorMessage": f"must match {own}", **bounds, **rule}


def _record(parameter: Parameter) -> Schema:
    """An item with fields; a single value stands for the first one where it needs no other."""
    must = [name for name, one in parameter.fields.items() if one.default is None and not one.optional]
    properties = {name: _parameter(one) for name, one in parameter.fields.items()}
    item: Schema = {"type": ["object"], "properties": properties, "additionalProperties": False}
    if must:
        item["allOf"] = [unless_misspelt(properties, {"required": must})]
    name, first = next(iter(parameter.fields.items()))
    if set(must) - {name}:
        return item
    short = _of_type(first, first.type)
    if first.type not in ("string", "integer", "number", "size", "duration"):
        short = {"type": list(SCALAR)}
    rules = [*short.pop("allOf", []), *item.pop("allOf", [])]
    return {**short, **item, **({"allOf": rules} if rules else {}), "type": ["object", *short["type"]]}


def _read(values: Sequence[str]) -> list[bool | int | float]:
    """What YAML reads those of an enum's values as that are numbers or booleans without quotes."""
    read = [meant(read_plain(one)) for one in values]
    return [one for one in read if isinstance(one, bool | int | float) and isfinite(one)]


def _whole(bound: float) -> int | float:
    return int(bound) if bound == int(bound) else bound


def plain(value: Any) -> Any:
    """A value of YAML data as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return as_text(value) if isinstance(value, str) else value


def template_file() -> Schema:
    """The shape of a template.yaml. What stands under `service` holds placeholders, so its values may be anything."""
    own = {key: described(ANYTHING, said) for key, said in words.SERVICE.items() if key not in ("use", "with")}
    service = mapping({**any_service_keys(), **own})
    texts: Schema = {"type": "object", "additionalProperties": text(empty=True)}
    names: Schema = {"type": "array", "items": text()}
    version = _closed({"version": text(), "service": service}, words.VERSION, required=["version"])
    length = {"type": "integer", "minimum": 8, "maximum": 128}
    secret = _closed({"generate": length}, words.SECRET, required=["generate"])
    config = _closed({"content": text(empty=True), "file": text()}, words.CONFIG, minProperties=1, maxProperties=1)
    share = {
        "parameters": names,
        "service": service,
        "arguments": names,
        "shell": names,
        "outputs": texts,
        "host_outputs": texts,
    }
    adopt: dict[str, Schema] = {
        "with": texts,
        "environment": texts,
        "command": {"type": "object", "additionalProperties": texts},
        "mounts": texts,
        "same": names,
        "unless": names,
        "only": names,
        "never": text(),
        "images": names,
        "tags": texts,
    }
    test = {"expect": text(), "beside": texts, "with": texts}
    properties: dict[str, Schema] = {
        "template": {"const": 1},
        "summary": text(),
        "keywords": names,
        "home": text(empty=True),
        "versions": {"type": "array", "minItems": 1, "items": or_else(version, *SCALAR)},
        "parameters": {"type": "object", "additionalProperties": _parameter_file()},
        "secrets": {"type": "object", "additionalProperties": secret},
        "service": service,
        "configs": {"type": "object", "additionalProperties": config},
        "outputs": texts,
        "host_outputs": texts,
        "share": _closed(share, words.SHARE, required=["service"]),
        "adopt": _closed(adopt, words.ADOPT),
        "data": names,
        "shell": names,
        "test": _closed({key: test.get(key, names) for key in words.TEST}, words.TEST),
        "image": text(),
        "debian": names,
        "example": text(empty=True),
    }
    return _closed(properties, words.TEMPLATE, required=["template", "summary", "versions", "service"])


def _parameter_file(*, field: bool = False) -> Schema:
    kinds = list(get_args(ParameterType))
    fields: dict[str, Schema] = {}
    if not field:
        fields["fields"] = {"type": "object", "minProperties": 1, "additionalProperties": _parameter_file(field=True)}
    properties: dict[str, Schema] = {
        "type": {"enum": kinds},
        "default": ANYTHING,
        "optional": {"type": "boolean"},
        "description": text(empty=True),
        "pattern": text(),
        "values": {"type": "array", "items": text()},
        "min": {"type": "number"},
        "max": {"type": "number"},
        "items": {"enum": kinds},
        **fields,
        "each": text(),
    }
    enum = {"if": {"properties": {"type": {"const": "enum"}}, "required": ["type"]}, "then": {"required": ["values"]}}
    return _closed(properties, words.PARAMETER, required=["type"], **enum)


def _closed(properties: dict[str, Schema], said: dict[str, str], **more: Any) -> Schema:
    """A mapping of these keys, each of which has its words."""
    described_all = {key: described(schema, said[key]) for key, schema in properties.items()}
    return {"type": "object", "properties": described_all, "additionalProperties": False, **more}
