"""Small pieces of JSON Schema.

A value that may be of several types is one schema with several types, not a choice of schemas: an editor then marks the
very part that is wrong instead of saying that no choice fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from devenv.core.schema.quantities import quantity, whole_number
from devenv.model.duration import ONE_DAY, SECONDS

Schema = dict[str, Any]

SCALAR = ("string", "number", "boolean")
"""What devenv takes as text: numbers and booleans are the text that the person wrote."""

EXTENSION = "^x-"

NAME = "\\.*[a-zA-Z0-9_][a-zA-Z0-9._-]*"
SERVICE_NAME = f"(?=.{{1,63}}$){NAME}"


ANYTHING: Schema = {"anyOf": [{}]}
"""Any value. The choice lets an editor write a `:` behind the key that it completes."""


def described(schema: Mapping[str, Any], words: str | None) -> Schema:
    """`schema` with its description; editors take Markdown from a key of their own.

    Older language servers show what is said of a choice's members, and not of the choice.
    """
    if not words:
        return dict(schema)
    plain = words.replace("`", "")
    said = {"description": plain} if plain == words else {"description": plain, "markdownDescription": words}
    if "anyOf" in schema and "enum" in schema["anyOf"][0]:
        first, *others = schema["anyOf"]
        return {**said, **schema, "anyOf": [{**said, **first}, *others]}
    return {**said, **schema}


def text(*, empty: bool = False, **more: Any) -> Schema:
    """Any scalar, as text."""
    return {"type": list(SCALAR), **({} if empty or "pattern" in more else {"pattern": r"\S"}), **more}


def mapping(properties: Mapping[str, Schema], words: Mapping[str, str] | None = None, **more: Any) -> Schema:
    """A mapping of known keys, and `x-*`."""
    said = {key: described(schema, (words or {}).get(key)) for key, schema in properties.items()}
    return {
        "type": "object",
        "properties": said,
        "patternProperties": {EXTENSION: {}},
        "additionalProperties": False,
        **more,
    }


def named(name: str, each: Schema, **more: Any) -> Schema:
    """A mapping of names that match the whole pattern `name`."""
    return {"type": "object", "patternProperties": {f"^(?:{name})$": each}, "additionalProperties": False, **more}


def or_else(schema: Schema, *types: str) -> Schema:
    """`schema`, or a value of one of `types`."""
    own = schema["type"]
    return {**schema, "type": [*([own] if isinstance(own, str) else own), *types]}


def quiet(schema: Any, *, item: bool = False) -> Any:
    """`schema` with types that an editor would offer a value for, although nobody writes it, in a `then`, where editors
    check them and look for nothing to offer: `null`, and `true` and `false` where they are only text.

    In place of the type, a choice or properties let them know what follows a key; of a list's `item` they would offer
    each choice as one more item.
    """
    if isinstance(schema, list):
        return [quiet(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    types = [schema["type"]] if schema.get("type") == "null" else schema.get("type")
    of_items = isinstance(types, str | list)  # and not of a property that is called so
    made = {key: quiet(one, item=of_items and key == "items") for key, one in schema.items()}
    if not isinstance(types, list) or "enum" in schema:
        return made
    unsaid = {"null", "boolean"} if set(SCALAR) <= set(types) else {"null"}
    if not unsaid & set(types):
        return made
    del made["type"]
    said = [kind for kind in types if kind not in unsaid]
    if said[:1] == ["object"]:
        made = {"properties": {}, **made}
    elif not item:
        made = {"anyOf": [{"type": "boolean"}, {}] if "boolean" in said else [{}], **made}
    rule = {key: made.pop(key) for key in ("if", "then") if key in made}
    return {**made, "if": {}, "then": {"type": types, **rule}}


def words_of(*values: str) -> Schema:
    """One of `values`, in small letters or capitals."""
    either = [f"[{c.lower()}{c.upper()}]" for c in "|".join(values)]
    pattern = "".join(part if part != "[||]" else "|" for part in either)
    return {"anyOf": [{"enum": list(values)}, {"type": "string", "pattern": f"^(?:{pattern})$"}]}


def offered(schema: Schema, *values: str | bool) -> Schema:
    """`schema`, with values that an editor offers; others are right, too."""
    return {"anyOf": [{"enum": list(values)}, schema]}


def need_one(*keys: str) -> Schema:
    """One of `keys` at least."""
    return {"anyOf": [{"required": [key]} for key in keys]}


def unless_misspelt(known: Iterable[str], rule: Schema) -> Schema:
    """`rule` where all keys are `known` or extensions: otherwise the unknown key is what is wrong.

    Language servers take a key such as `5` for a number, to which patterns say nothing.
    """
    names = {"type": "string", "anyOf": [{"enum": list(known)}, {"pattern": EXTENSION}]}
    return {"if": {"propertyNames": names}, "then": rule}


def forbid(condition: Schema, *keys: str) -> Schema:
    """No key of `keys` where the condition holds; the key is what is marked."""
    return {"if": condition, "then": {"properties": dict.fromkeys(keys, False)}}


def has(*keys: str) -> Schema:
    """A condition: all of `keys` are there."""
    return {"required": list(keys)}


def lacks(condition: Schema) -> Schema:
    """A condition: that one does not hold."""
    return {"not": condition}


_UNITS = "|".join(SECONDS)

DURATION: Schema = {
    "type": ["string", "number"],
    "pattern": rf"^(?=.*[1-9])(?:{quantity(SECONDS, 0, ONE_DAY)}|(?:[0-9]+(?:\.[0-9]+)?(?:{_UNITS})){{2,}})$",
    "exclusiveMinimum": 0,
    "maximum": ONE_DAY,
}

PORT_NUMBER: Schema = {
    "type": ["integer", "string"],
    "minimum": 1,
    "maximum": 65535,
    "pattern": f"^{whole_number(1, 65535)}$",
}

ARGV: Schema = {"type": "array", "minItems": 1, "items": text(empty=True)}

COMMAND: Schema = {**or_else(text(), "array"), "minItems": 1, "items": text(empty=True)}
"""A command for the shell, or a list of words."""

PATHS: Schema = {
    "type": "array",
    "uniqueItems": True,
    "items": text(pattern=r"^(?=.*\S)(?![/~]|.:)(?!.*[^/]\*\*)(?!.*\*\*[^/])[^\\$\u0000]*$"),
}
