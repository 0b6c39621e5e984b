"""The practices in JSON Schema: `contracts`, and the switches `observability` and `flags`."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.core.practices import flags as of_flags
from devenv.core.practices import observability as of_observability
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
_FILE: Schema = text(pattern=r"^(?=.*\S)[^\n\u0000]+$")
_PART = r"^(?:0(?:\.\d+)?|1(?:\.0+)?)$"
_VARIABLES: Schema = {
    "type": "object",
    "patternProperties": {"^[A-Za-z_][A-Za-z0-9_]*$": {"type": list(SCALAR)}},
    "additionalProperties": False,
}


def switches(templates: Sequence[Template]) -> dict[str, Schema]:
    """The schemas of the switches, by key; `templates` are those that a server can be made of."""
    server: dict[str, Schema] = {
        "with": {"type": "object"},
        "service": text(),
        "as": text(pattern=f"^(?:{SERVICE_NAME})$", minimum=0),
    }
    given = {"variables": _VARIABLES, "except": _NAMES}

    def rules(by_default: str) -> list[Schema]:
        return [
            forbid(has("service"), "use", "with", "as"),
            *(catalog.parameters_of(one, by_default=by_default) for one in templates),
        ]

    part: Schema = {"type": ["number", "string"], "minimum": 0, "maximum": 1, "pattern": _PART}
    observability = mapping(
        {
            **server,
            "use": catalog.use(templates, lambda one: of_observability.OUTPUTS["http/protobuf"] in one.outputs),
            "protocol": {"enum": ["http/protobuf", "grpc"]},
            "sampling": part,
            "environment": text(),
            "attributes": {"type": "object", "propertyNames": {"pattern": "^[^,= ]+$"}, "additionalProperties": text()},
            **given,
        },
        words.OBSERVABILITY,
        allOf=rules(of_observability.TEMPLATE),
    )
    seeds = [_needs_file(one.name) for one in templates if "file" in catalog.needed(one)]
    own = [*seeds, forbid(has("service"), "file")]
    use = catalog.use(templates, lambda one: "file" in one.parameters)
    keys = {**server, "use": use, "file": _FILE, **given}
    flags = mapping(keys, words.FLAGS, allOf=[*rules(of_flags.TEMPLATE), *own])
    return {
        "contracts": _contracts(),
        "observability": {**observability, "type": ["boolean", "object"], "default": True},
        # `false` switches it off, and `true` is nothing that an editor should offer.
        "flags": {
            **{key: value for key, value in flags.items() if key != "type"},
            "pattern": _FILE["pattern"],
            "anyOf": [{"enum": [False]}, {}],
            "if": {},
            "then": {"type": ["string", "object", "boolean"], "not": {"const": True}},
        },
    }


def _needs_file(template: str) -> Schema:
    """A server of flags that is added with this template takes a file, from the switch or among its parameters."""
    uses = catalog.uses(template, of_flags.TEMPLATE)
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
