"""A policy's format as JSON Schema: what editors complete, explain and check a `policy.yaml` with."""

from __future__ import annotations

from devenv.core.lint.rules import RULES
from devenv.core.lint.subject import Option, OptionKind, Rule
from devenv.core.schema import words
from devenv.core.schema.parts import DURATION, SCALAR, Schema, described, mapping, or_else, text

_DRAFT = "http://json-schema.org/draft-07/schema#"
_SEVERITIES = ["error", "warning", "info", "off"]
_DAY = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"
_SIZE = r"^\s*(?=.*[1-9])\d+(?:\.\d+)?\s*[kKmMgGtT]?[iI]?[bB]?\s*$"
_TEXTS: Schema = {**text(), "type": [*SCALAR, "array"], "items": text(), "uniqueItems": True}

_KINDS: dict[OptionKind, Schema] = {
    "texts": _TEXTS,
    "labels": {
        **_TEXTS,
        "type": [*SCALAR, "array", "object"],
        "additionalProperties": or_else(text(empty=True), "null"),
    },
    "pattern": {**text(), "format": "regex"},
    "size": {"type": ["string", "number"], "pattern": _SIZE, "exclusiveMinimum": 0},
    "duration": DURATION,
}


def policy_schema(stamp: str) -> Schema:
    """The schema of a policy. `stamp` says from what it was made."""
    rules: Schema = {
        "type": ["object", "null"],
        "properties": {rule.name: _rule(rule) for rule in RULES.values()},
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }
    properties: dict[str, Schema] = {
        "policy": {"const": 1, "default": 1},
        "name": text(),
        "link": text(),
        "enforce": {"enum": ["lint", "up"], "default": "lint"},
        "rules": rules,
        "waivers": {"type": ["array", "null"], "items": _waiver()},
    }
    return {"$schema": _DRAFT, "$comment": stamp, **mapping(properties, words.POLICY, required=["policy"])}


def _rule(rule: Rule) -> Schema:
    keys: dict[str, Schema] = {
        "severity": {"enum": _SEVERITIES, "default": "error"},
        "reason": text(),
        "link": text(),
        "waivable": {"type": "boolean"},
    }
    said = {key: described(schema, words.RULE[key]) for key, schema in keys.items()}
    said |= {name: described(_option(option), option.words) for name, option in rule.options.items()}
    required = [name for name, option in rule.options.items() if option.required]
    must: Schema = {"required": required} if required else {}
    if rule.needs_option:
        must = {"anyOf": [{"required": [name]} for name in rule.options]}
    switched_off = {"properties": {"severity": {"const": "off"}}, "required": ["severity"]}
    either = mapping(said, **({"if": {"type": "object", "not": switched_off}, "then": must} if must else {}))
    alone = ["off"] if must else _SEVERITIES
    whole: Schema = {
        **either,
        "type": ["object", "string"],
        "anyOf": [{"type": "object"}, {"enum": alone}],
    }
    return described(whole, f"{rule.title} ({rule.code}). {rule.why}")


def _option(option: Option) -> Schema:
    return dict(_KINDS[option.kind])


def _waiver() -> Schema:
    keys: dict[str, Schema] = {
        "rule": {"enum": list(RULES)},
        "services": _TEXTS,
        "stacks": _TEXTS,
        "owner": text(),
        "until": {"type": "string", "pattern": _DAY},
        "reason": text(),
    }
    needed = ["rule", "owner", "until", "reason"]
    return mapping(keys, words.WAIVER, required=needed, anyOf=[{"required": ["services"]}, {"required": ["stacks"]}])
