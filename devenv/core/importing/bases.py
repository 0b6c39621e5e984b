"""What services of Compose files extend, written out where the manifest could not say the same with `extends`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from posixpath import join, normpath
from typing import Any

from devenv.core.compose.extends import Read, extended
from devenv.core.compose.interpolate import variables_of
from devenv.core.compose.keys import like
from devenv.core.stack.references import strings
from devenv.model.data import Map, Tagged, text


def services_of(data: Map) -> Map:
    """The services of a Compose file; empty when it has none."""
    services = data.get("services")
    return services if isinstance(services, Map) else Map()


def with_bases(files: Sequence[Map], i: int, folder: str, private: Set[str], read: Read) -> tuple[Map, tuple[str, ...]]:
    """The data of file `i` of several that Compose merges, and the files that are written out in it. Compose looks at
    `extends` before it merges files, and reads the other file with the variables of this one, of which the manifest
    does not see those in `private`. Paths in the file count from `folder`; `read` takes one from the manifest's."""
    data, services = files[i], services_of(files[i])
    extending = {name: given for name, one in services.items() if (given := extends_of(one)) is not None}
    if not extending:
        return data, ()
    whole = services_of(extended(data, lambda path: read(normpath(join(folder, path)))))
    before = {name for other in files[:i] for name in services_of(other)}
    later = [services_of(other) for other in files[i + 1 :]]
    others = before.union(*later)
    wanted = {
        name
        for name, given in extending.items()
        if name in before
        or (len(files) > 1 and _tagged(services[name]))
        or any(extends_of(other.get(name)) is not None or _tagged(other.get(name)) for other in later)
        or not others.isdisjoint(_bases(name, services))
        or ("file" in given and _uses(whole[name], private))
    }
    written = like(services, {name: whole[name] if name in wanted else one for name, one in services.items()}.items())
    named = (extending[name].get("file") for name in sorted(wanted) if whole[name] is not services[name])
    return like(data, {**data, "services": written}.items()), tuple(dict.fromkeys(text(one) for one in named if one))


def resets(data: Map) -> Map:
    """What a file takes away from the files before it in services that extend others: the tags that are no longer in
    them when they are written out."""
    found = {name: _resets(one) for name, one in services_of(data).items() if extends_of(one) is not None}
    return Map({"services": Map((name, one) for name, one in found.items() if one is not None)})


def _resets(value: Any) -> Any:
    if isinstance(value, Tagged):
        return Tagged("!reset", None)
    if not isinstance(value, Map):
        return None
    below = {key: _resets(one) for key, one in value.items()}
    return Map((key, one) for key, one in below.items() if one is not None) if _tagged(value) else None


def extends_of(service: Any) -> dict[str, Any] | None:
    """What a service extends, in its long form; None when it extends nothing."""
    extends = service.get("extends") if isinstance(service, Map) else None
    return {"service": extends} if isinstance(extends, str) else extends if isinstance(extends, dict) else None


def _bases(name: str, services: Map) -> Iterator[str]:
    """The services of the same file that a service extends, those that they extend among them."""
    seen: set[str] = set()
    while name not in seen and (given := extends_of(services.get(name))) is not None and "file" not in given:
        seen.add(name)
        name = text(given.get("service"))
        yield name


def _tagged(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_tagged(one) for one in value.values())
    return isinstance(value, Tagged) or (isinstance(value, list) and any(_tagged(one) for one in value))


def _uses(value: Any, variables: Set[str]) -> bool:
    return bool(variables) and any(not variables.isdisjoint(variables_of(written)) for written, _ in strings(value))
