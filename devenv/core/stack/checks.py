"""`checks`: references in them become addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devenv.core.stack import references
from devenv.core.stack.draft import Draft
from devenv.errors import Report
from devenv.model.data import mark_of
from devenv.model.manifest import Check, Manifest
from devenv.records import replace

_TEXTS = ("http", "tcp", "run", "body", "headers")


def resolve_checks(
    manifest: Manifest, drafts: Mapping[str, Draft], broken: frozenset[str], report: Report
) -> dict[str, Check]:
    """The checks with references replaced: in the host's view, or the container's for one that runs in a service."""
    inside = {name: draft.outputs for name, draft in drafts.items()}
    outside = {name: draft.host_outputs for name, draft in drafts.items()}
    views = {
        False: references.Outputs(outside, broken=broken, known=inside),
        True: references.Outputs(inside, broken=broken),
    }
    source = manifest.source.get("checks")
    result = {}
    for name, check in manifest.checks.items():
        entry, path = (source or {}).get(name), f"checks.{name}"
        reader = references.Reader(views[check.service is not None], report, path)
        update: dict[str, Any] = {}
        for key in _TEXTS:
            value, mark = getattr(check, key), mark_of(entry, key)
            if isinstance(value, str):
                update[key] = reader.text(value, f".{key}", mark)
            elif isinstance(value, tuple):
                update[key] = tuple(reader.text(word, f".{key}", mark) for word in value)
            elif isinstance(value, dict):
                update[key] = {k: reader.text(v, f".{key}.{k}", mark) for k, v in value.items()}
        result[name] = replace(check, **update)
    return result
