"""Rules about what containers see of the machine's files, and where data is kept."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.compose.mountpoints import split_colons
from devenv.core.compose.mountpoints import volume as target_of
from devenv.core.compose.paths import is_remote
from devenv.core.lint.known_images import data_folders
from devenv.core.lint.subject import Option, Rule, Subject, filled, found, items, plain
from devenv.core.stack.resources import used
from devenv.model.data import Map, mark_of, text
from devenv.model.lint import Found, Severity
from devenv.model.stack import Service

_SOCKET = re.compile(r"(?:/var)?/run/(?:docker|podman/podman|containerd/containerd)\.sock")
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]")
_MEGABYTE = 1 << 20
_MANY_FILES = 20_000


def _path(subject: Subject, written: Any) -> str:
    """A path with its variables as they are now (`$PWD` is the manifest's folder); itself where one has to be set."""
    return filled(text(written), {**subject.variables, "PWD": "."})


def _binds(subject: Subject, service: Service) -> Iterator[tuple[int, str]]:
    """Items of `volumes` that mount something of the machine: their numbers, and what."""
    for number, entry in items(service, "volumes"):
        if isinstance(entry, dict):
            if entry.get("type") == "bind":
                yield number, _path(subject, entry.get("source"))
            continue
        parts = split_colons(text(entry))
        source = _path(subject, parts[0])
        if len(parts) == 2 and _WINDOWS.match(text(entry)):
            continue
        if len(parts) > 1 and (source.startswith((".", "/", "~", "\\")) or _WINDOWS.match(text(entry))):
            yield number, source


def _outside(path: str, above: str) -> bool:
    if path.startswith(("/", "~", "\\")) or _WINDOWS.match(path):
        return True
    return posixpath.normpath(posixpath.join(above, path)).startswith("..")


def _host_mounts(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    allowed = [posixpath.normpath(entry) for entry in options["allow"]]

    def wrong(path: str) -> bool:
        clean = posixpath.normpath(path)
        return _outside(path, subject.above) and not any(clean == a or clean.startswith(f"{a}/") for a in allowed)

    for service in subject.services:
        for number, source in _binds(subject, service):
            if wrong(source):
                message = f"'{source}' lies outside of the repository"
                if _SOCKET.fullmatch(source):
                    message = f"'{source}' is the engine's socket: whoever has it is root on the machine"
                yield found(service, message, "volumes", number)
        for keys, folder in _contexts(subject, service):
            if wrong(folder):
                yield found(service, f"the build reads '{folder}', outside of the repository", *keys)
        for kind, name, path, mark in _files(subject, service):
            if wrong(path):
                message = f"the {kind[:-1]} is '{path}', outside of the repository"
                yield Found(message, mark, f"{kind}.{name}.file", service.name)
    for name, device, mark in _bound_volumes(subject):
        if wrong(device):
            message = f"the volume is '{device}', outside of the repository"
            yield Found(message, mark, f"volumes.{name}.driver_opts.device")


def _contexts(subject: Subject, service: Service) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The folders of the machine that a service's build reads, and where they are written."""
    build = service.compose.get("build")
    pairs: list[tuple[tuple[str | int, ...], Any]] = [(("build",), build)]
    if isinstance(build, dict):
        named = build.get("additional_contexts")
        above = ("build", "additional_contexts")
        pairs = [(("build", "context"), build.get("context"))]
        pairs += [((*above, name), one) for name, one in named.items()] if isinstance(named, dict) else []
        listed = named if isinstance(named, list) else ()
        pairs += [((*above, number), text(one).partition("=")[2]) for number, one in enumerate(listed)]
    for keys, written in pairs:
        if (folder := _path(subject, written)) and not is_remote(folder):
            yield keys, folder


def _files(subject: Subject, service: Service) -> Iterator[tuple[str, str, str, Any]]:
    """The files of the configs and secrets that a service or its build uses: kind, name, path and place."""
    build = service.compose.get("build")
    for kind in ("configs", "secrets"):
        entries = subject.stack.top.get(kind)
        for holder in (service.compose, build):
            for name, _ in used(holder, kind) if isinstance(holder, Map) else ():
                entry = entries.get(name) if isinstance(entries, dict) else None
                if isinstance(entry, dict) and "file" in entry:
                    yield kind, name, _path(subject, entry["file"]), mark_of(entry, "file")


def _bound_volumes(subject: Subject) -> Iterator[tuple[str, str, Any]]:
    volumes = subject.stack.top.get("volumes")
    for name, entry in volumes.items() if isinstance(volumes, dict) else ():
        options = entry.get("driver_opts") if isinstance(entry, dict) else None
        if isinstance(options, dict) and "bind" in plain(options.get("o")).split(","):
            yield name, _path(subject, options.get("device")), mark_of(options, "device")


def _socket(subject: Subject, service: Service) -> int | None:
    return next((number for number, source in _binds(subject, service) if _SOCKET.fullmatch(source)), None)


def _docker_socket(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        if (number := _socket(subject, service)) is not None:
            message = "the engine's socket is mounted: whoever has it can start a container with all of the machine"
            yield found(service, message, "volumes", number, hint="`:ro` does not help: it is a socket")


def _node_modules(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        for number, source in _binds(subject, service):
            if posixpath.basename(source.rstrip("/")) == "node_modules":
                message = (
                    "node_modules of the machine is mounted: its native modules fit the machine, not the container"
                )
                yield found(service, message, "volumes", number, hint="use a volume, or leave it to the image")


def _unkept(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        image = service.image
        if image is None or service.build or service.origin.template is not None:
            continue
        folders = data_folders(filled(image))
        if not folders or service.compose.get("volumes_from"):
            continue
        kept = [entry for _, entry in items(service, "volumes") if not _is_nameless(entry)]
        mounted = [text(target_of(entry)).rstrip("/") for entry in kept]
        tmpfs = service.compose.get("tmpfs")
        mounted += [text(one).split(":")[0].rstrip("/") for one in (tmpfs if isinstance(tmpfs, list) else [tmpfs])]
        if not any(_covers(at, folder) for at in mounted for folder in folders):
            message = f"its data in {folders[0]} is on no volume of a name: a new container starts empty"
            hint = f"write `volumes: [{service.name}-data:{folders[0]}]`, or take a template (`devenv catalog`)"
            yield found(service, message, "image", hint=hint)


def _is_nameless(entry: Any) -> bool:
    if isinstance(entry, dict):
        return text(entry.get("type")) == "volume" and not entry.get("source")
    return len(split_colons(text(entry))) == 1


def _covers(mounted: str, folder: str) -> bool:
    return mounted == folder or folder.startswith(f"{mounted}/") if mounted else False


def _large_context(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    told: set[str] = set()
    for service in subject.services:
        build = service.compose.get("build")
        folder = plain(build.get("context") or ".") if isinstance(build, dict) else plain(build)
        context = subject.contexts.get(folder)
        if context is None or folder in told:
            continue
        if context.size < options["size"] and context.files < _MANY_FILES:
            continue
        told.add(folder)
        much = f"{context.size // _MEGABYTE} MB in {context.files:,} files"
        message = f"the build context '{folder}' has no .dockerignore and holds at least {much}"
        keys = ("build", "context") if isinstance(build, dict) and "context" in build else ("build",)
        yield found(service, message, *keys, hint="leave out .git, node_modules, build results, data")


RULES = (
    Rule(
        "DL411",
        "host-mounts",
        "A container or a build sees files outside of the repository",
        "Keys and mail of the person who runs the stack lie there; and on another laptop the path is not there.",
        "Mount what lies in the repository, or use a volume.",
        _host_mounts,
        options={
            "allow": Option("texts", "paths that may be seen, with all below: `/etc/localtime`", default=()),
        },
    ),
    Rule(
        "DL412",
        "docker-socket",
        "The engine's socket is mounted",
        "A program with the socket can start a privileged container: it is root on the machine.",
        "Leave it out, or put a proxy that allows a few requests before it.",
        _docker_socket,
        severity=Severity.WARNING,
    ),
    Rule(
        "DL413",
        "mounted-node-modules",
        "node_modules of the machine is mounted",
        "Modules with native code were built for the machine's system and processor; and every access crosses over.",
        "Install in the image, and mount a volume over `node_modules` where the project's folder is mounted.",
        _node_modules,
        severity=Severity.WARNING,
    ),
    Rule(
        "DL414",
        "data-unkept",
        "A database whose data is on no volume of a name",
        "Every new container starts with an empty database, and the old data stays behind in a nameless volume.",
        "Mount a volume at the folder that the message names, or use the catalog's template; a `tmpfs` there says that "
        "it is meant.",
        _unkept,
        severity=Severity.WARNING,
    ),
    Rule(
        "DL415",
        "large-context",
        "A large build context without .dockerignore",
        "All of it is read and sent for every build, and any change of any file in it makes a new image.",
        "Write a `.dockerignore` with `.git`, `node_modules`, build results and data.",
        _large_context,
        severity=Severity.WARNING,
        options={"size": Option("size", "from which size on", default=100 * _MEGABYTE)},
    ),
)
