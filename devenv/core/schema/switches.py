"""The practices in JSON Schema: `contracts`, and the switches `observability` and `flags`."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.core.practices.flags import TEMPLATE
from devenv.core.schema import templates as catalog
from devenv.core.schema import words
from devenv.core.schema.parts import (
    SCALAR,
    SERVICE_NAME,
    Schema,
    forbid,
    has,
    lacks,
    mapping,
    need_one,
    text,
    unless_misspelt,
)
from devenv.model.template import Template

_NAMES: Schema = {"type": "array", "items": text(), "uniqueItems": True}
_PART = r"^(?:0(?:\.\d+)?|1(?:\.0+)?)$"
_VARIABLES: Schema = {
    "type": "object",
    "patternProperties": {"^[A-Za-z_][A-Za-z0-9_]*$": {"type": list(SCALAR)}},
    "additionalProperties": False,
}


def switches(templates: Sequence[Template]) -> dict[str, Schema]:
    """The schemas of the switches, by key; `templates` are those that a server can be made of."""
    server: dict[str, Schema] = {
        "use": catalog.use(templates),
        "with": {"type": "object"},
        "service": text(),
        "as": text(pattern=f"^(?:{SERVICE_NAME})$", minimum=0),
    }
    given = {"variables": _VARIABLES, "except": _NAMES}
    rules = [
        forbid(has("service"), "use", "with", "as"),
        *(catalog.parameters_of(one, seeded=True) for one in templates),
    ]
    part: Schema = {"type": ["number", "string"], "minimum": 0, "maximum": 1, "pattern": _PART}
    observability = mapping(
        {
            **server,
            "protocol": {"enum": ["http/protobuf", "grpc"]},
            "sampling": part,
            "environment": text(),
            "attributes": {"type": "object", "propertyNames": {"pattern": "^[^,= ]+$"}, "additionalProperties": text()},
            **given,
        },
        words.OBSERVABILITY,
        allOf=rules,
    )
    seeds = [_needs_file(one.name) for one in templates if "file" in catalog.needed(one)]
    own = [*seeds, forbid(has("service"), "file")]
    flags = mapping({**server, "file": text(), **given}, words.FLAGS, allOf=[*rules, *own])
    return {
        "contracts": _contracts(),
        "observability": {**observability, "type": ["boolean", "object"], "default": True},
        "flags": {**flags, "type": ["string", "object", "boolean"], "pattern": r"\S", "not": {"const": True}},
    }


def _needs_file(template: str) -> Schema:
    """A server of flags that is added with this template takes a file, from the switch or among its parameters."""
    uses: Schema = {"properties": {"use": catalog.names(template)}}
    if template != TEMPLATE:
        uses |= has("use")
    given = {"anyOf": [has("service"), has("file"), {**has("with"), "properties": {"with": has("file")}}]}
    return unless_misspelt(words.FLAGS, {"if": {"allOf": [uses, lacks(given)]}, "then": has("file")})


def _contracts() -> Schema:
    path: Schema = {"type": "string", "pattern": "^/"}
    keys = {"service": text(), "port": text(), "path": path, "states": path, "messages": path}
    provider = mapping(keys, words.PROVIDER, pattern=r"\S", allOf=[unless_misspelt(keys, has("service"))])
    pacts: Schema = {"type": [*SCALAR, "array"], "pattern": r"\S", "items": text(), "uniqueItems": True}
    own: dict[str, Schema] = {
        "pacts": pacts,
        "broker": text(),
        "publish": {"type": "boolean"},
        "providers": {"type": "object", "additionalProperties": {**provider, "type": [*SCALAR, "object"]}},
    }
    both = mapping(own, words.CONTRACTS, allOf=[unless_misspelt(own, need_one("pacts", "broker"))])
    return {**both, **pacts, "type": [*pacts["type"], "object"]}
