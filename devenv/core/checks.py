"""`checks` and `modes`: what they name exists, and references in checks become addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devenv.core import references
from devenv.core.drafts import Draft
from devenv.core.suggest import suggest
from devenv.errors import Report
from devenv.model.data import mark_of
from devenv.model.manifest import Check, Manifest

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
        if check.service is not None and check.service not in drafts and check.service not in broken:
            hint = suggest(check.service, drafts)
            message = f"there is no service '{check.service}'"
            report.add("DE320", message, mark_of(entry, "service"), path=path, hint=hint)
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
        result[name] = check.model_copy(update=update)
    return result


def resolve_modes(manifest: Manifest, report: Report) -> dict[str, tuple[str, ...]]:
    """The modes; one that names a service that is not there is told of."""
    source = manifest.source.get("modes")
    for mode, names in manifest.modes.items():
        entry = (source or {}).get(mode)
        for i, name in enumerate(names):
            if name not in manifest.services:
                mark = mark_of(entry, i) or mark_of(source, mode)
                hint = suggest(name, manifest.services)
                report.add("DE317", f"there is no service '{name}'", mark, path=f"modes.{mode}", hint=hint)
    return {mode: tuple(names) for mode, names in manifest.modes.items()}
