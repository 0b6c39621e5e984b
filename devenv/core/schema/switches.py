"""The practices in JSON Schema: `contracts`, and the switches `observability` and `flags`."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.core.schema import templates as catalog
from devenv.core.schema import words
from devenv.core.schema.parts import SCALAR, Schema, forbid, has, mapping, need_one, text, unless_misspelt
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
        "as": text(pattern="^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$"),
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
    flags = mapping({**server, "file": text(), **given}, words.FLAGS, allOf=[*rules, forbid(has("service"), "file")])
    return {
        "contracts": _contracts(),
        "observability": {**observability, "type": ["boolean", "object"], "default": True},
        "flags": {**flags, "type": ["string", "object", "boolean"], "pattern": r"\S", "not": {"const": True}},
    }


def _contracts() -> Schema:
    path: Schema = {"type": "string", "pattern": "^/"}
    keys = {"service": text(), "port": text(), "path": path, "states": path, "messages": path}
    provider = mapping(keys, words.PROVIDER, allOf=[unless_misspelt(keys, has("service"))])
    pacts: Schema = {"type": [*SCALAR, "array"], "pattern": r"\S", "items": text(), "uniqueItems": True}
    own: dict[str, Schema] = {
        "pacts": pacts,
        "broker": text(),
        "publish": {"type": "boolean"},
        "providers": {"type": "object", "additionalProperties": {**provider, "type": [*SCALAR, "object"]}},
    }
    both = mapping(own, words.CONTRACTS, allOf=[unless_misspelt(own, need_one("pacts", "broker"))])
    return {**both, **pacts, "type": [*pacts["type"], "object"]}
