"""Servers that the catalog has a template for, recognised by their images; and what `use:` would say in their place.

A template sets more than an image does. Where that would change what the service means to others (a password where
there was none, another user), it is only named, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from devenv.core.compose.keys import like, like_list
from devenv.core.stack.connections import as_mapping
from devenv.model.data import Map, text
from devenv.model.template import Template
from devenv.records import field, frozen, mutable

_HUB = re.compile(r"^(?:(?:index\.)?docker\.io/)?(?:library/)?")


@frozen
class Candidate:
    """`service` is the service written with `use:`; None, with a reason, where that would mean something else."""

    name: str
    image: str
    use: str
    service: Map | None = None
    reason: str = ""


@mutable
class _Server:
    """A service on its way to `use:`: its environment, what of it is a parameter now, and the parameters."""

    service: Map
    environment: Map
    given: dict[str, Any] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def value(self, parameter: str, *names: str, default: str | None = None) -> str | None:
        """Takes a parameter's value from the first of the variables that is set; returns what is wrong."""
        for name in names:
            if self.environment.get(name) is not None:
                self.given[parameter] = text(self.environment[name])
                if name == names[0]:
                    self.taken.add(name)
                return None
        if default is None:
            return f"it sets no {names[0]}, and the template would"
        self.given[parameter] = default
        return None


def candidates(services: Mapping[str, Any], templates: Iterable[Template]) -> list[Candidate]:
    """The services that a template could be, in order."""
    known = {_repository(text(one.service.get("image"))): one for one in templates if one.service.get("image")}
    found = []
    for name, service in services.items():
        image = text(service.get("image")) if isinstance(service, Map) else ""
        template = known.get(_repository(image.partition("@")[0]))
        if template is not None and "build" not in service and "use" not in service:
            found.append(_candidate(name, image, service, template))
    return found


def _repository(image: str) -> str:
    """An image's name without its tag and without what names the public registry."""
    repository, _, _ = _HUB.sub("", image).partition("$")
    head, slash, tail = repository.rpartition("/")
    return head + slash + tail.partition(":")[0]


def _candidate(name: str, image: str, service: Map, template: Template) -> Candidate:
    version, exact = _version(image, template)
    use = f"{template.name}@{version}" if version else template.name
    if version is None:
        versions = ", ".join(one.version for one in template.versions)
        return Candidate(name, image, use, reason=f"its tag is none of the template's versions ({versions})")
    if "env_file" in service or "extends" in service:
        key = "env_file" if "env_file" in service else "extends"
        return Candidate(name, image, use, reason=f"its {key} may set what the template sets")
    server = _Server(service, as_mapping(service.get("environment")))
    rule = _RULES.get(template.name)
    problem = rule(server) if rule is not None else "the template changes settings; see `devenv catalog show`"
    if problem is None:
        files = [key for key in server.environment if key.endswith("_FILE")]
        problem = f"{files[0]} and the template's own setting exclude each other" if files else None
    if problem is not None:
        return Candidate(name, image, use, reason=problem)
    return Candidate(name, image, use, _written(server, use, exact))


def _version(image: str, template: Template) -> tuple[str | None, bool]:
    """The template's version that an image's tag names, and whether the template's image is that very one."""
    tag = _HUB.sub("", image).rpartition("/")[2].partition(":")[2]
    _, _, pattern = text(template.service.get("image")).rpartition("/")[2].partition(":")
    for version in sorted((one.version for one in template.versions), key=len, reverse=True):
        wanted = pattern.replace("${version}", version)
        if tag == wanted:
            return version, _HUB.sub("", image) == image
        if tag.startswith((f"{wanted}.", f"{wanted}-")) and "$" not in tag:
            return version, False
    return None, False


def _written(server: _Server, use: str, exact: bool) -> Map:
    service = server.service
    head: dict[str, Any] = {"use": use}
    if server.given:
        head["with"] = Map(server.given)
    rest = {key: value for key, value in service.items() if not (exact and key == "image")}
    if server.taken and "environment" in rest:
        rest["environment"] = _without(service["environment"], server.taken)
        if not rest["environment"]:
            del rest["environment"]
    return like(service, [*head.items(), *rest.items()])


def _without(environment: Any, names: set[str]) -> Any:
    if isinstance(environment, dict):
        return like(environment, ((key, value) for key, value in environment.items() if key not in names))
    return like_list(environment, (entry for entry in environment if text(entry).partition("=")[0] not in names))


def _postgres(server: _Server) -> str | None:
    server.value("user", "POSTGRES_USER", default="postgres")
    server.value("database", "POSTGRES_DB", default=server.given["user"])
    return server.value("password", "POSTGRES_PASSWORD")


def _mysql(server: _Server, *prefixes: str) -> str | None:
    for parameter in ("database", "user", "password", "root_password"):
        names = [f"{prefix}_{parameter.upper()}" for prefix in prefixes]
        if (problem := server.value(parameter, *names)) is not None:
            return problem
    return None


def _redis(server: _Server) -> str | None:
    if "command" in server.service or "entrypoint" in server.service:
        return "its command says what the template would say"
    server.given |= {"password": "", "maxmemory": "0"}
    return None


_RULES = {
    "postgres": _postgres,
    "mysql": lambda server: _mysql(server, "MYSQL"),
    "mariadb": lambda server: _mysql(server, "MARIADB", "MYSQL"),
    "redis": _redis,
    "valkey": _redis,
}


def by_mountpoint(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Compose shows, with each service's volumes by where they are mounted: a template may mount its own first."""
    services = {
        name: {**one, "volumes": {text(volume.get("target")): volume for volume in one.get("volumes") or ()}}
        for name, one in config.get("services", {}).items()
    }
    return {**config, "services": services}


def lost(before: Any, after: Any) -> bool:
    """Whether something that Compose shows of a service is not there any more; what a template adds is none of it."""
    if before is None:
        return False
    if isinstance(before, dict):
        return not isinstance(after, dict) or any(lost(value, after.get(key)) for key, value in before.items())
    if isinstance(before, list):
        return not isinstance(after, list) or any(all(_other(one, other) for other in after) for one in before)
    return _other(before, after)


def _other(before: Any, after: Any) -> bool:
    return lost(before, after) if isinstance(before, dict | list) else bool(text(before) != text(after))
