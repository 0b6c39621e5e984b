"""What services share: top-level volumes, networks, configs and secrets, and the paths that must be there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath
from typing import Any, Literal

from devenv.core.compose.paths import is_remote
from devenv.core.stack.draft import Draft
from devenv.core.suggest import suggest
from devenv.errors import Mark, Report
from devenv.model.data import Map, mark_of, text
from devenv.model.manifest import Manifest
from devenv.model.stack import RequiredPath

SHARED = ("volumes", "networks", "configs", "secrets")
"""The top-level entries that services name."""

_VOLUME_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def top_level(manifest: Manifest, drafts: Mapping[str, Draft]) -> Map:
    """Compose's other top-level keys: the manifest's own, and the volumes and configs of its templates' services."""
    source = manifest.compose
    top = Map(source, mark=source.mark, keys_at=source.keys_at, values_at=source.values_at)
    for kind in ("volumes", "configs"):
        added: dict[str, Any] = {}
        for draft in drafts.values():
            if draft.instance is not None:
                added |= (
                    draft.instance.configs if kind == "configs" else {name: Map() for name in draft.instance.volumes}
                )
        if added:
            own = top.get(kind)
            own = own if isinstance(own, Map) else Map()
            merged = Map(own, mark=own.mark, keys_at=own.keys_at, values_at=own.values_at)
            for name, definition in added.items():
                merged.setdefault(name, definition)
            top[kind] = merged
    return top


def used(compose: Map, kind: str) -> Iterator[tuple[str, Mark | None]]:
    """Names of the top-level `kind` (of SHARED) that a service uses, with their places."""
    entries = compose.get(kind)
    if kind == "networks" and isinstance(entries, dict):
        yield from ((name, mark_of(entries, name, of_key=True)) for name in entries)
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        mark = mark_of(entries, i)
        if isinstance(entry, dict):
            if kind != "volumes" or entry.get("type") == "volume":
                name = text(entry.get("source"))
                if name and "$" not in name:
                    yield name, mark
        elif kind != "volumes":
            yield text(entry), mark
        else:
            name, colon, _ = text(entry).partition(":")
            if colon and len(name) > 1 and _VOLUME_NAME.fullmatch(name):
                yield name, mark


def check_declared(drafts: Mapping[str, Draft], top: Map, report: Report) -> None:
    """Tells of volumes, networks, configs and secrets that a service uses and nobody declares: Compose refuses them."""
    for draft in drafts.values():
        for kind in SHARED:
            if kind not in draft.compose:
                continue
            declared = top.get(kind)
            names: dict[str, Any] = declared if isinstance(declared, dict) else {}
            for name, mark in used(draft.compose, kind):
                if name in names or "$" in name or (kind == "networks" and name == "default"):
                    continue
                given = "{ file: PATH }" if kind in ("configs", "secrets") else "{}"
                hint = suggest(name, names) or f"declare it at the top level: `{kind}: {{ {name}: {given} }}`"
                message = f"'{name}' is not among the top-level {kind}"
                report.add("DE319", message, mark, path=f"{draft.path}.{kind}", hint=hint)


def required_paths(drafts: Mapping[str, Draft], top: Map) -> Iterator[RequiredPath]:
    """Files and folders that the stack cannot come up without."""
    for draft in drafts.values():
        if draft.instance is not None:
            yield from draft.instance.requires
        yield from _build(draft)
        yield from _env_files(draft)
        yield from _inputs(draft)
    for kind in ("configs", "secrets"):
        entries = top.get(kind)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict) and "file" in entry:
                yield from _local(entry, "file", "file", f"the file of {kind[:-1]} '{name}'")


def _build(draft: Draft) -> Iterator[RequiredPath]:
    build = draft.compose.get("build")
    what = f"the build context of '{draft.name}'"
    if isinstance(build, dict):
        yield from _local(build, "context", "directory", what)
    elif build is not None:
        yield from _local(draft.compose, "build", "directory", what)


def _env_files(draft: Draft) -> Iterator[RequiredPath]:
    what = f"the env_file of '{draft.name}'"
    entries = draft.compose.get("env_file")
    if isinstance(entries, str):
        yield from _local(draft.compose, "env_file", "file", what)
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            if entry.get("required") is not False:
                yield from _local(entry, "path", "file", what)
        else:
            yield from _local(entries, i, "file", what)


def _inputs(draft: Draft) -> Iterator[RequiredPath]:
    """A path that is misspelt would never make a job run again; a glob may name nothing yet."""
    written = draft.spec.source
    for holder in (written, written.get("setup"), written.get("provision")):
        listed = holder.get("inputs") if isinstance(holder, dict) else None
        for i, entry in enumerate(listed if isinstance(listed, list) else ()):
            path = text(entry)
            if not set(path) & set("*?["):
                what = f"an input of '{draft.name}'"
                yield RequiredPath(normpath(path), "file or folder", mark_of(listed, i), what)


def _local(holder: Any, key: str | int, kind: Literal["file", "directory"], what: str) -> Iterator[RequiredPath]:
    path = text(holder.get(key) if isinstance(holder, dict) else holder[key])
    if path and "$" not in path and not is_remote(path):
        yield RequiredPath(normpath(path), kind, mark_of(holder, key), what, late=True)
