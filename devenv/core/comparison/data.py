"""What a change means for data: volumes that nobody uses any more, new ones, and other servers."""

from __future__ import annotations

from devenv.core.planning.definition import volume_names
from devenv.model.image_name import path_and_tag
from devenv.model.stack import Service, Stack


class Volumes:
    """The volumes of the stacks `old` and `new`, by their names on the engine, but for what variables make of them."""

    def __init__(self, old: Stack, new: Stack) -> None:
        self.old, self.new = old, new
        self._had, self._has = (
            {name: _volumes(stack, one) for name, one in stack.services.items()} for stack in (old, new)
        )
        self._used_before, self._used = (
            {one for names in some.values() for one in names} for some in (self._had, self._has)
        )

    def left(self, service: Service) -> tuple[str, ...]:
        """What becomes of the volumes of a service that is gone."""
        return tuple(self._orphaned(service))

    def kept(self, before: Service, after: Service) -> tuple[str, ...]:
        """What becomes of the data of a service that is another one now."""
        had, has = self._had[before.name], self._has[after.name]
        sentences = []
        if self.old.name == self.new.name:
            sentences += self._orphaned(before)
            sentences += [f"volume {name} is new, and empty" for name in has if name not in self._used_before]
        stays = [name for name in has if name in had]
        writers = _writers(before, after)
        if writers is not None and stays:
            sentences.append(
                f"volume {', '.join(stays)} was written by {writers[0]}; {writers[1]} may not read it: "
                "dump the data before, or delete the volume"
            )
        return tuple(sentences)

    def renamed(self) -> tuple[str, ...]:
        """What another name of the stack means."""
        if self.old.name == self.new.name or not self._used_before:
            return ()
        return (f"the volumes of '{self.old.name}' stay, and '{self.new.name}' begins with new ones",)

    def _orphaned(self, service: Service) -> list[str]:
        gone = (name for name in self._had[service.name] if name not in self._used)
        return [f"volume {name} stays, and no service uses it any more; `docker volume rm` deletes it" for name in gone]


def _volumes(stack: Stack, service: Service) -> list[str]:
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
