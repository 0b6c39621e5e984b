"""`devenv.lock` as text: read with places, written so that a diff shows what moved and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from devenv.core.manifest.node import Node, quoted
from devenv.core.yaml.emit import dump
from devenv.core.yaml.source import parse
from devenv.errors import Mark, Report
from devenv.model.data import Map
from devenv.model.lock import LOCK_FILE, LOCK_FORMAT, Lock, LockedImage, LockedTemplate, Pin
from devenv.records import asdict

T = TypeVar("T")

_HEADER = "# Written by devenv: what the names in the manifest stand for. Commit it; `devenv upgrade` renews it.\n"


def read_lock(text: str, report: Report, file: str = LOCK_FILE) -> Lock | None:
    """The lock in `text`; None with every problem of its shape, DE780 or of YAML, in `report`."""
    if (conflict := re.search("^<<<<<<< ", text, re.MULTILINE)) is not None:
        at = Mark(file, text.count("\n", 0, conflict.start()) + 1, 1)
        report.add("DE105", "a merge conflict is not resolved here", at, hint=_CONFLICT)
        return None
    before = len(report.errors)
    data = parse(text, file, report)
    if len(report.errors) > before:
        return None
    if data is None:
        return Lock()
    if not isinstance(data, Map):
        report.add("DE780", "a lock is a mapping that starts with 'lock: 1'", Mark(file, 1, 1), hint=_HINT)
        return None
    if data.get("lock") != LOCK_FORMAT:
        mark = data.values_at.get("lock") or data.mark
        report.add("DE780", f"this release reads 'lock: {LOCK_FORMAT}'", mark, path="lock", hint=_HINT)
        return None
    found = Node(data, "", report, data.mark, code="DE780").fields(_LOCK)
    return None if len(report.errors) > before else Lock(**{key: one for key, one in found.items() if key != "lock"})


def _shaped(pattern: str, what: str) -> Callable[[Node], str]:
    def read(node: Node) -> str:
        word = node.word()
        if word is not None and not re.fullmatch(pattern, word):
            node.problem("DE780", f"{quoted(word)} is no {what}")
        return word or ""

    return read


_DIGEST = _shaped("sha256:[0-9a-f]{64}", "digest")
_COMMIT = _shaped("[0-9a-f]{40}|[0-9a-f]{64}", "commit")
_PIN = {"git": Node.word, "ref": Node.word, "path": Node.word, "commit": _COMMIT, "content": _DIGEST}
_TEMPLATE = {"catalog": Node.word, "content": _DIGEST}
_IMAGE = {"digest": _DIGEST, "platforms": lambda node: node.entries(_DIGEST)}


def _made(cls: type[T], readers: Mapping[str, Callable[[Node], Any]], *required: str) -> Callable[[Node], T | None]:
    def read(node: Node) -> T | None:
        found = node.fields(readers, required)
        return cls(**found) if found.keys() >= set(required) else None

    return read


_PINNED = _made(Pin, _PIN, "git", "commit", "content")
_LOCK: dict[str, Callable[[Node], Any]] = {
    "lock": Node.integer,
    "devenv": Node.word,
    "trusted": lambda node: node.each(Node.word),
    "catalogs": lambda node: node.each(_PINNED),
    "includes": lambda node: node.each(_PINNED),
    "templates": lambda node: node.entries(_made(LockedTemplate, _TEMPLATE, *_TEMPLATE)),
    "images": lambda node: node.entries(_made(LockedImage, _IMAGE, "digest")),
}
_CONFLICT = f"`git checkout --ours {LOCK_FILE}` keeps one of the two sides, and `devenv lock` then pins what it lacks"
_HINT = "update devenv, or remove the file and run `devenv lock`"


def lock_text(lock: Lock) -> str:
    """The lock as YAML: sections in a fixed order, entries sorted, empty ones left out."""
    data: dict[str, Any] = {"lock": LOCK_FORMAT}
    if lock.devenv:
        data["devenv"] = lock.devenv
    if lock.trusted:
        data["trusted"] = sorted(lock.trusted)
    for kind in ("catalogs", "includes"):
        if pins := lock.catalogs if kind == "catalogs" else lock.includes:
            data[kind] = [_pin(pin) for pin in sorted(pins, key=lambda p: (p.git, p.path, p.ref))]
    if lock.templates:
        data["templates"] = {name: asdict(template) for name, template in sorted(lock.templates.items())}
    if lock.images:
        data["images"] = {
            name: {
                "digest": image.digest,
                **({"platforms": dict(sorted(image.platforms.items()))} if image.platforms else {}),
            }
            for name, image in sorted(lock.images.items())
        }
    return _HEADER + dump(data)


def _pin(pin: Pin) -> dict[str, str]:
    return {key: value for key, value in asdict(pin).items() if value}
