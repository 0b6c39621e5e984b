"""Compose's keys in JSON Schema: as much as `compose_keys` knows of them, so that no right file is marked as wrong."""

from __future__ import annotations

from devenv.core.compose.keys import KINDS, MAPPING_ITEMS, NULL_MEANS_SOMETHING, ORDER, SCALAR_VALUES
from devenv.core.compose.words import VALUES, word
from devenv.core.schema.parts import ANYTHING, SCALAR, Schema, described, mapping, named, offered, or_else, text

RESOURCES = ("networks", "volumes", "configs", "secrets", "models")
_NAME = "[a-zA-Z0-9._-]+"
_MUST_SAY_MORE = ("configs", "secrets", "models")


def service_keys() -> dict[str, Schema]:
    """Every key of a service but `ports`, which devenv has a form of its own for."""
    return {key: described(_service_key(key), word("service", key)) for key in ORDER["service"] if key != "ports"}


def ports_list() -> Schema:
    """What an item of Compose's list of ports may be."""
    return {**or_else(_known("service.ports.*"), *SCALAR)}


def resources() -> dict[str, Schema]:
    """The top-level mappings of networks, volumes and the like."""
    return {kind: described(_resource(kind), word("", kind)) for kind in RESOURCES}


def _resource(kind: str) -> Schema:
    entry = _known(f"{kind}.*")
    return or_else(named(_NAME, entry if kind in _MUST_SAY_MORE else or_else(entry, "null")), "null")


def _known(kind: str) -> Schema:
    """A mapping with the keys of `ORDER[kind]`, whose values are Compose's own business."""
    return mapping({key: described(_value(f"{kind}.{key}"), word(kind, key)) for key in ORDER[kind]})


def _value(place: str) -> Schema:
    return offered({}, *VALUES[place]) if place in VALUES else ANYTHING


def _service_key(key: str) -> Schema:
    kinds = KINDS[key]
    schema: Schema = {"type": []}
    if "scalar" in kinds:
        schema = text(empty=True) if key not in ("image", "build") else text()
    if "mapping" in kinds:
        schema = {**schema, **_entries(key), "type": [*schema["type"], "object"]}
    if "list" in kinds:
        schema = {**schema, "type": [*schema["type"], "array"], "items": _item(key)}
    if key in NULL_MEANS_SOMETHING:
        schema = or_else(schema, "null")
    place = f"service.{key}"
    return offered(schema, *VALUES[place]) if place in VALUES else schema


def _entries(key: str) -> Schema:
    if key in SCALAR_VALUES:
        return {"additionalProperties": {"type": [*SCALAR, "null"]}}
    if f"service.{key}.*" in ORDER:
        return {"additionalProperties": or_else(_known(f"service.{key}.*"), *SCALAR, "array", "null")}
    if f"service.{key}" in ORDER:
        known = _known(f"service.{key}")
        return {name: known[name] for name in ("properties", "patternProperties", "additionalProperties")}
    return {}


def _item(key: str) -> Schema:
    if key not in MAPPING_ITEMS:
        return text(empty=True)
    if f"service.{key}.*" in ORDER:
        return or_else(_known(f"service.{key}.*"), *SCALAR)
    return {"type": [*SCALAR, "object"]}


def any_service_keys() -> dict[str, Schema]:
    """Every key of a service, with anything as its value: what a template may hold, where placeholders stand."""
    return {key: described(ANYTHING, word("service", key)) for key in ORDER["service"]}
