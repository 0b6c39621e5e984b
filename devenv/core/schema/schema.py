"""The manifest's format, and a template's, as JSON Schema: what editors complete, explain and check with.

Draft 7: every YAML language server that is in use reads it, the older ones nothing newer. A schema knows one file:
names that refer to each other, and what only Compose judges, stay with `devenv validate`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from devenv.core.compose.keys import TOP_KEYS
from devenv.core.schema import templates as catalog
from devenv.core.schema import words
from devenv.core.schema.compose import ports_list, resources, service_keys
from devenv.core.schema.parts import (
    COMMAND,
    DURATION,
    NAME,
    PATHS,
    PORT_NUMBER,
    SCALAR,
    SERVICE_NAME,
    Schema,
    described,
    forbid,
    has,
    lacks,
    mapping,
    named,
    need_one,
    or_else,
    quiet,
    text,
    unless_misspelt,
    words_of,
)
from devenv.core.schema.switches import switches
from devenv.model.git_address import REF
from devenv.model.template import Template

_DRAFT = "http://json-schema.org/draft-07/schema#"
_PORT_NAME = "(?![0-9]+$)[A-Za-z0-9][A-Za-z0-9_-]*"
# No option, helper (`ext::`), password, or way that anybody could listen to; `model.git_address` says it whole.
_ADDRESS = (
    r"^(?!-)(?![^/]*::)(?!https?://[^/]*@)(?!\w+://[^/:]*:[^/@]*@)"
    r"(?:(?:https|ssh|file)://|http://(?:localhost|127\.0\.0\.1|\[::1\])[:/]|(?!\w+://))(?=.*\S)[^\x00-\x1f\x7f]+$"
)
_SOURCES = ("use", "image", "build", "extends", "provider")


def manifest_schema(templates: Sequence[Template], stamp: str, services: Mapping[str, str] | None = None) -> Schema:
    """The schema of a manifest that may use `templates`. `stamp` says from what it was made; `services` are those that
    the manifest had then, with what they are made of: editors offer them, and take any other name as well."""
    offered = services or {}
    properties: dict[str, Schema] = {
        "devenv": {"const": 1, "default": 1},
        "name": text(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$|\$\{?[A-Za-z_]", minimum=0, multipleOf=1),
        "catalogs": or_else({"type": "array", "items": _catalog()}, "null"),
        "include": _include(),
        "services": named(SERVICE_NAME, _service(templates, offered)),
        "modes": or_else(named(NAME, {**_names(offered), "minItems": 1}), "null"),
        "checks": {"type": ["object", "null"], "additionalProperties": _check()},
        **switches(templates),
    }
    own = {key: described(schema, words.TOP[key]) for key, schema in properties.items()}
    obsolete: Schema = {"deprecationMessage": "'version' is obsolete in Compose, and left out"}
    known = {**own, **resources(), "version": obsolete}
    anything = unless_misspelt(sorted({*known, *TOP_KEYS}), {"anyOf": [has("include"), has("services")]})
    top = mapping(known, required=["devenv"], **anything)
    return {"$schema": _DRAFT, "$comment": stamp, **quiet(top)}


def template_schema(stamp: str) -> Schema:
    """The schema of a template.yaml."""
    return {"$schema": _DRAFT, "$comment": stamp, **quiet(catalog.template_file())}


def as_text(schema: Schema) -> str:
    """The schema's file: the same bytes for the same schema, and none that a terminal obeys."""
    return json.dumps(schema, indent=1) + "\n"


def _catalog() -> Schema:
    keys = {
        "path": text(),
        "git": text(pattern=_ADDRESS, minimum=0),
        "ref": text(pattern=f"^(?:{REF})$", minimum=0),
    }
    inside: Schema = {
        "if": has("git"),
        "then": {"properties": {"path": text(pattern=r"^(?![/\\:])(?!(?:.*[/\\])?\.\.(?:[/\\]|$))[^\x00-\x1f\x7f]+$")}},
    }
    rules = [unless_misspelt(keys, need_one("path", "git")), forbid(lacks(has("git")), "ref"), inside]
    return mapping(keys, words.CATALOG, allOf=rules)


def _include() -> Schema:
    path = text(pattern=r"^(?!oci://)(?=[\s\S]*\S)")
    files: Schema = {**or_else(path, "array"), "minItems": 1, "items": path}
    keys: dict[str, Schema] = {
        "path": files,
        "git": text(),
        "ref": text(),
        "prefix": text(pattern=r"^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,38}[a-zA-Z0-9])?$", minimum=0),
        "mode": text(),
        "share": {"type": "object", "additionalProperties": text()},
        "project_directory": text(),
        "env_file": files,
    }
    rules = [unless_misspelt(keys, need_one("path", "git")), forbid(lacks(has("git")), "ref")]
    entry = mapping(keys, words.INCLUDE, allOf=rules)
    return {"type": ["array", "null"], "items": or_else({**entry, "pattern": path["pattern"]}, *SCALAR)}


def _service(templates: Sequence[Template], services: Mapping[str, str]) -> Schema:
    own: dict[str, Schema] = {
        "use": catalog.use(templates),
        "with": {"type": ["object", "null"]},
        "needs": _needs(services),
        "ports": _ports(),
        "ready": _ready(),
        "setup": _setup(),
        "provision": _setup(),
        "inputs": PATHS,
        "job": {"type": "boolean"},
        "open": text(),
    }
    described_own = {key: described(schema, words.SERVICE[key]) for key, schema in own.items()}
    is_job = {"properties": {"job": {"const": True}}, "required": ["job"]}
    may_be_job = {"properties": {"job": {"not": {"enum": [False, None]}}}, "required": ["job"]}
    rules = [
        need_one(*_SOURCES),
        forbid(has("use"), "build"),
        forbid(lacks(has("use")), "with"),
        forbid(has("healthcheck"), "ready"),
        {
            "if": has("use"),
            "then": {"properties": {"ready": _one_kind(words.READY, "within")}},
            "else": {"properties": {"ready": _one_kind(words.READY)}},
        },
        forbid(is_job, "provision"),
        forbid(lacks({"anyOf": [has("use"), may_be_job]}), "inputs"),
        *(catalog.parameters_of(template) for template in templates),
    ]
    return described(mapping({**described_own, **service_keys()}, allOf=rules), words.A_SERVICE)


def _names(services: Mapping[str, str]) -> Schema:
    offered: list[Schema] = [{"const": name, "description": said} for name, said in services.items()]
    # No `{}`, and with words: an editor explains every choice that fits, or all where it cannot tell them apart.
    other = {"not": {"enum": [*services]}, "description": "no service that the last `up` or `generate` has seen"}
    name = {**text(), "anyOf": [*offered, other]} if offered else text()
    return {"type": "array", "items": name, "uniqueItems": True}


def _needs(services: Mapping[str, str]) -> Schema:
    env = {"type": ["string", "boolean", "null"], "pattern": r"^(?!(?:[nN][oO]|[oO][fF][fF])$)[A-Za-z_][A-Za-z0-9_]*$"}
    keys: dict[str, Schema] = {"env": env, "until": {"enum": ["ready", "started", "completed"]}}
    need = or_else(mapping(keys, words.NEED), "null")
    known = {"properties": {name: described(need, said) for name, said in services.items()}} if services else {}
    return {**_names(services), "type": ["array", "object"], **known, "additionalProperties": need}


def _ports() -> Schema:
    publish = {**or_else(PORT_NUMBER, "boolean", "null"), "default": False}
    keys = {"port": PORT_NUMBER, "publish": publish, "protocol": words_of("tcp", "udp")}
    port = mapping(keys, words.PORT, allOf=[unless_misspelt(keys, has("port"))])
    either: Schema = {**port, **PORT_NUMBER, "type": ["integer", "string", "object"]}
    return {**named(_PORT_NAME, either), "type": ["object", "array"], "items": ports_list()}


def _one_kind(known: Iterable[str], *more: str) -> Schema:
    """One of `http`, `tcp` and `run`, or with none of them one of `more`."""
    return unless_misspelt(known, need_one("http", "tcp", "run", *more))


_EXCLUDE = [forbid(has("http"), "tcp", "run"), forbid(has("tcp"), "run")]
"""Not several of `http`, `tcp` and `run`; a later one is what is marked."""


def _ready() -> Schema:
    keys = {
        "http": {"type": "string", "pattern": r"^[/$]"},
        "tcp": text(),
        "run": COMMAND,
        "port": text(),
        "within": DURATION,
    }
    return mapping(keys, words.READY, allOf=[*_EXCLUDE, forbid(lacks(has("http")), "port")])


def _setup() -> Schema:
    commands: Schema = {**or_else(text(), "array"), "items": COMMAND}
    keys = {"run": commands, "inputs": PATHS}
    both = mapping(keys, words.SETUP, allOf=[unless_misspelt(keys, has("run"))])
    return {**both, **commands, "type": [*commands["type"], "object"]}


def _check() -> Schema:
    status = {"type": ["integer", "string"], "minimum": 100, "maximum": 599, "pattern": "^[1-5][0-9][0-9]$"}
    body = text(empty=True)
    keys: dict[str, Schema] = {
        "http": text(),
        "tcp": text(),
        "run": COMMAND,
        "service": text(),
        "method": words_of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
        "headers": {"type": ["object", "null"], "additionalProperties": text()},
        "body": body,
        "expect": mapping({"status": status, "body": body}, words.EXPECT),
        "within": DURATION,
    }
    rules = [
        _one_kind(keys),
        *_EXCLUDE,
        forbid(has("http"), "service"),
        forbid({"allOf": [has("tcp"), lacks(has("http"))]}, "method", "headers", "body", "expect", "service"),
        forbid({"allOf": [has("run"), lacks(has("http")), lacks(has("tcp"))]}, "method", "headers", "body"),
    ]
    return mapping(keys, words.CHECK, allOf=rules)
