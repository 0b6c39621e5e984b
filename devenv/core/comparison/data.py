"""What a change means for data: volumes that nobody uses any more, new ones, and other servers."""

from __future__ import annotations

from collections.abc import Iterator

from devenv.core.planning.definition import volume_names
from devenv.model.image_name import path_and_tag
from devenv.model.stack import Service, Stack


def left(old: Stack, new: Stack, service: Service) -> tuple[str, ...]:
    """What becomes of the volumes of a service that is gone."""
    used = _used(new)
    gone = [name for name in _volumes(old, service) if name not in used]
    return tuple(_orphaned(name) for name in gone)


def kept(old: Stack, new: Stack, before: Service, after: Service) -> tuple[str, ...]:
    """What becomes of the data of a service that is another one now."""
    sentences = []
    used, had, has = _used(new), _volumes(old, before), _volumes(new, after)
    if old.name == new.name:
        sentences += [_orphaned(name) for name in had if name not in used]
        sentences += [f"volume {name} is new, and empty" for name in has if name not in _used(old)]
    stays = [name for name in has if name in had]
    writers = _writers(before, after)
    if writers is not None and stays:
        sentences.append(
            f"volume {', '.join(stays)} was written by {writers[0]}; {writers[1]} may not read it: "
            "dump the data before, or delete the volume"
        )
    return tuple(sentences)


def renamed(old: Stack, new: Stack) -> Iterator[str]:
    """What another name of the stack means."""
    if old.name != new.name and _used(old):
        yield f"the volumes of '{old.name}' stay, and '{new.name}' begins with new ones"


def _orphaned(name: str) -> str:
    return f"volume {name} stays, and no service uses it any more; `docker volume rm` deletes it"


def _used(stack: Stack) -> set[str]:
    return {name for service in stack.services.values() for name in _volumes(stack, service)}


def _volumes(stack: Stack, service: Service) -> list[str]:
    """The names of a service's volumes on the engine, but for what variables make of them."""
    return list(volume_names(stack, service, stack.name, {}).values())


def _writers(before: Service, after: Service) -> tuple[str, str] | None:
    """What wrote the data and what shall read it, where these are different servers, or the same one of versions that
    differ in the first number."""
    one, other = _server(before), _server(after)
    if one is None or other is None:
        return None
    if one[0] != other[0]:
        return " ".join(one).rstrip(), " ".join(other).rstrip()
    first, second = one[1].split(".")[0], other[1].split(".")[0]
    changed = first != second and first.isdigit() and second.isdigit()
    return (f"version {one[1]}", f"version {other[1]}") if changed else None


def _server(service: Service) -> tuple[str, str] | None:
    """What a service is, wherever its image comes from, and its version: of its template, or its image's tag."""
    if service.origin.template and service.origin.version:
        return service.origin.template, service.origin.version
    if not service.image or "$" in service.image:
        return None
    path, tag = path_and_tag(service.image.partition("@")[0])
    version = tag.partition("-")[0].removeprefix("v")
    return path.rpartition("/")[2], "" if version == "latest" else version
