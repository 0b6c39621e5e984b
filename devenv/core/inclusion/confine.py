"""What a file from another repository may not do on this machine: look outside its tree, leave its containers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from posixpath import join, normpath
from typing import Any

from devenv.core.compose.paths import escapes
from devenv.core.manifest.node import quoted
from devenv.core.templates.confine import OURS
from devenv.errors import Mark, Report
from devenv.model.data import Map, mark_of, text

_NEVER = {
    "privileged": "takes down the walls around the container",
    "devices": "hands in devices of this machine",
    "gpus": "hands in devices of this machine",
    "device_cgroup_rules": "hands in devices of this machine",
    "cap_add": "gives the container more rights",
    "security_opt": "takes down walls around the container",
    "userns_mode": "takes down walls around the container",
    "cgroup_parent": "puts the container in a group of this machine",
    "runtime": "chooses a program of this machine",
    "use_api_socket": "hands in the engine",
    "provider": "runs a program on this machine",
    "credential_spec": "reads credentials of this machine",
    "external_links": "reaches containers that are not of this stack",
}
_NEVER_IN_BUILD = {
    "ssh": "uses this machine's keys",
    "privileged": "takes down the walls during the build",
    "entitlements": "takes down walls during the build",
    "cache_to": "writes to this machine",
    "tags": "gives names to other images",
}
_OWN_SPACE = {
    "network_mode": ("bridge", "none", "service:"),
    "pid": ("service:",),
    "ipc": ("private", "shareable", "none", "service:"),
    "uts": (),
    "cgroup": ("private",),
}
_OF_A_RESOURCE = {
    "volumes": ("driver", "driver_opts", "external", "name"),
    "networks": ("driver", "driver_opts", "external", "name"),
    "models": ("runtime_flags",),
}
_USUAL = {"volumes": "local", "networks": "bridge"}
"""The driver that there is anyway."""

_LOGGING = ("json-file", "local", "none")
_CACHE = re.compile(r'(?:type=registry,ref=)?[^=,"]*')
"""A cache that is an image; other kinds read this machine, or hand its tokens to an address."""
_OFF = (None, False, "false", "")

_ADDRESS = re.compile(r"(?:https?|git|ssh)://|git@|github\.com/")
"""What is fetched; anything else (`oci-layout://…`, `file://…`) is of this machine."""
_BY_KEY = re.compile(r"ssh://|git@")
"""What is fetched with the person's own keys."""
_NAMED = re.compile(r"docker-image://|(?:target|service):[\w.-]+\Z")
"""A context that is an image, another stage or another service. Compose takes `target:x/../..` for a path."""

Tell = Callable[[str, str, Mark | None], None]


class Confined:
    """One remote file. `folder` is what its paths are relative to, `tree` what they stay in; problems are DE343."""

    def __init__(self, folder: str, tree: str, report: Report) -> None:
        self._folder = folder
        self._tree = normpath(tree)
        self._report = report

    def service(self, service: Map, path: str) -> None:
        """Reports every key of a service that reaches out of the tree or of the container."""

        def tell(key: str, why: str, mark: Mark | None) -> None:
            self._tell(f"{path}.{key}", why, mark)

        for key, why in _NEVER.items():
            if service.get(key) not in _OFF:
                tell(key, why, mark_of(service, key, of_key=True))
        for key, allowed in _OWN_SPACE.items():
            value = text(service.get(key))
            if value and not any(value == one or (one.endswith(":") and value.startswith(one)) for one in allowed):
                tell(
                    key, f"{quoted(value)} is a part of this machine, or of a container outside", mark_of(service, key)
                )
        if isinstance(logging := service.get("logging"), dict) and text(logging.get("driver")) not in ("", *_LOGGING):
            tell("logging", "sends the log out of this machine", mark_of(service, "logging"))
        for name in _each(service.get("volumes_from")):
            if text(name[0]).startswith("container:"):
                tell("volumes_from", "mounts what is not of this stack", name[1])
        if isinstance(extends := service.get("extends"), dict) and "file" in extends:
            tell(
                "extends", "a file that Compose reads by itself cannot be looked at first", mark_of(service, "extends")
            )
        for hook in ("post_start", "pre_stop"):
            for entry, mark in _each(service.get(hook)):
                if isinstance(entry, dict) and entry.get("privileged") not in _OFF:
                    tell(hook, "takes down the walls around the container", mark)
        self._labels(service, path)
        if (mark := _reserved(service.get("deploy"))) is not None:
            tell("deploy", "hands in devices of this machine", mark)
        self._build(service, tell)
        for key, written, mark in _paths(service):
            self.path(f"{path}.{key}", written, mark)

    def resource(self, kind: str, name: str, entry: Any, mark: Mark | None) -> None:
        """The same for an entry of `volumes`, `networks`, `configs`, `secrets` and `models`."""
        if not isinstance(entry, dict):
            return
        for key in _OF_A_RESOURCE.get(kind, ("external", "environment", "driver", "name")):
            if entry.get(key) not in (*_OFF, _USUAL.get(kind) if key == "driver" else None):
                why = "reaches what is not of this stack, or of this machine"
                self._tell(f"{kind}.{name}.{key}", why, mark_of(entry, key, of_key=True) or mark)
        self._labels(entry, f"{kind}.{name}")
        if "file" in entry:
            self.path(f"{kind}.{name}.file", text(entry["file"]), mark_of(entry, "file"))

    def path(self, place: str, written: str, mark: Mark | None) -> None:
        """Reports a path that leads out of the tree."""
        if "://" in written or written.startswith("oci-layout:") or escapes(written, self._folder, self._tree):
            self._tell(place, f"{quoted(written)} leads out of its own repository", mark)

    def _labels(self, labelled: dict[str, Any], path: str) -> None:
        for label, mark in _labels(labelled.get("labels")):
            if label.startswith(OURS):
                self._tell(f"{path}.labels", f"{quoted(label)} is a label that Compose or devenv sets", mark)

    def _build(self, service: Map, tell: Tell) -> None:
        build = service.get("build")
        if not isinstance(build, dict):
            if build is not None:
                self._context("build", text(build), mark_of(service, "build"))
            return
        for key, why in _NEVER_IN_BUILD.items():
            if build.get(key) not in _OFF:
                tell(f"build.{key}", why, mark_of(build, key, of_key=True))
        if text(build.get("network")) not in ("", "default", "none"):
            tell("build.network", "is a network outside of the build", mark_of(build, "network"))
        for entry, mark in _each(build.get("cache_from")):
            if not _CACHE.fullmatch(text(entry)):
                tell("build.cache_from", "reads from this machine, or with its keys", mark)
        context = text(build.get("context")) or "."
        self._context("build.context", context, mark_of(build, "context"))
        dockerfile = text(build.get("dockerfile"))
        beside = dockerfile if _is_address(context) else _beside(context, dockerfile)
        self.path("build.dockerfile", beside, mark_of(build, "dockerfile"))
        for written, mark in contexts_of(build):
            self._context("build.additional_contexts", written, mark)

    def _context(self, place: str, written: str, mark: Mark | None) -> None:
        if _BY_KEY.match(written):
            self._tell(place, f"{quoted(written)} is fetched with this machine's keys", mark)
        elif not _is_address(written):
            self.path(place, written, mark)

    def _tell(self, place: str, why: str, mark: Mark | None) -> None:
        hint = "a file from another repository cannot have this; copy the file into this repository if you trust it"
        self._report.add("DE343", why, mark, path=place, hint=hint)


def _labels(value: Any) -> Iterator[tuple[str, Mark | None]]:
    if isinstance(value, dict):
        yield from ((name, mark_of(value, name, of_key=True)) for name in value)
    for entry, mark in _each(value) if isinstance(value, list) else ():
        yield text(entry).partition("=")[0], mark


def _reserved(deploy: Any) -> Mark | None:
    """Where devices are reserved."""
    value = deploy
    for key in ("resources", "reservations"):
        value = value.get(key) if isinstance(value, dict) else None
    return mark_of(value, "devices", of_key=True) if isinstance(value, dict) and value.get("devices") else None


def _is_address(written: str) -> bool:
    return bool(_ADDRESS.match(written))


def _beside(context: str, dockerfile: str) -> str:
    return join(context, dockerfile) if dockerfile else context


def _each(value: Any) -> list[tuple[Any, Mark | None]]:
    if isinstance(value, list):
        return [(item, mark_of(value, i)) for i, item in enumerate(value)]
    return [(value, getattr(value, "mark", None))] if value is not None else []


def contexts_of(build: Any) -> Iterator[tuple[str, Mark | None]]:
    """A build's further contexts that are paths or addresses."""
    value = build.get("additional_contexts")
    pairs = [(one, mark_of(value, name)) for name, one in value.items()] if isinstance(value, dict) else []
    for entry, mark in _each(value) if isinstance(value, list) else ():
        pairs.append((text(entry).partition("=")[2], mark))
    for written, mark in pairs:
        if not _NAMED.match(text(written)):
            yield text(written), mark


def _paths(service: Map) -> Iterator[tuple[str, str, Mark | None]]:
    """Every path of this machine that a service names, with the key and its place."""
    for entry, mark in _each(service.get("volumes")):
        if isinstance(entry, dict):
            kind = text(entry.get("type"))
            if kind not in ("volume", "tmpfs", "image"):
                yield "volumes", text(entry.get("source")) or "/", mark_of(entry, "source") or mark
        else:
            source, colon, rest = text(entry).partition(":")
            drive = len(source) == 1 and (rest.startswith("\\") or "/" in rest.partition(":")[2])
            if (colon and source.startswith((".", "/", "~", "$", "\\"))) or drive:
                yield "volumes", f"{source}:" if drive and source != "." else source, mark
    for key in ("env_file", "label_file"):
        for entry, mark in _each(service.get(key)):
            at = mark or mark_of(service, key)
            yield key, text(entry.get("path") if isinstance(entry, dict) else entry), at
    watch = service.get("develop")
    for entry, mark in _each(watch.get("watch") if isinstance(watch, dict) else None):
        if isinstance(entry, dict):
            yield "develop", text(entry.get("path")), mark_of(entry, "path") or mark
    jobs = (service.get("setup"), service.get("provision"))
    for holder in (service, *(job for job in jobs if isinstance(job, dict))):
        for entry, mark in _each(holder.get("inputs")):
            yield "inputs", text(entry), mark
