"""Servers that the catalog has a template for, recognised by their images; and what `use:` would say in their place.

A template sets more than an image does. What it says under `adopt` tells when that leaves the service what it is to
others; where it would not (a password where there was none, another user), it is only named, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

from devenv.core.compose.keys import as_mapping, like, like_list
from devenv.core.compose.mountpoints import split_colons, volume
from devenv.core.importing.bases import extends_of
from devenv.core.importing.said import hindered, lacking, plain
from devenv.core.templates.phrases import settings
from devenv.core.yaml.scalars import read_plain
from devenv.model.data import Map, text
from devenv.model.template import Adopt, Parameter, Template
from devenv.records import frozen, replace

_HUB = re.compile(r"^(?:(?:index\.)?docker\.io/)?(?:library/)?")
# Mirrors of the Hub's own images.
_MIRROR = re.compile(r"^(?:public\.ecr\.aws/docker|mirror\.gcr\.io|registry\.hub\.docker\.com)/")
_NO_PORTS = re.compile(r"host|none|(?:service|container):.*")
_PORT = re.compile(r"(?:^|\s)(?:-[pP]|(?:-\w\s*|--)?port)[\s=]*(\d+)")
_SETTING = re.compile(r"\b(?:with|secret)\.([A-Za-z0-9_-]+)")
_ONE = re.compile(r"\$\{(?:with|secret)\.([^}]+)\}")
_FILE = re.compile(r"(.+?)_{1,2}FILE")
_NOT_TEXT = ("integer", "number", "boolean")
_OTHER = re.compile(r"\$\{([^}]+)\}")


@frozen
class Candidate:
    """`service` is the service written with `use:`; None, with a reason, where that would mean something else."""

    name: str
    image: str
    use: str
    service: Map | None = None
    reason: str = ""


def candidates(
    services: Mapping[str, Any], templates: Iterable[Template], variables: Mapping[str, str] = MappingProxyType({})
) -> list[Candidate]:
    """The services that a template could be, in order; of templates with one image the first counts. The manifest has
    to hold with today's `variables`, and when none is set."""
    known: dict[str, Template] = {}
    for one in templates:
        for image in (text(one.service.get("image")), *(one.adopt.images if one.adopt is not None else ())):
            if image:
                known.setdefault(_repository(image), one)
    bases = {name: base for name, one in services.items() if (base := extends_of(one)) is not None}
    extending = {text(base.get("service")): name for name, base in bases.items() if "file" not in base}
    found = []
    for name, service in services.items():
        image = text(service.get("image")) if isinstance(service, Map) else ""
        template = known.get(_repository(plain(image).partition("@")[0]))
        if template is not None and "build" not in service and "use" not in service:
            candidate = _candidate(name, image, service, template, variables)
            if candidate.service is not None and name in extending:
                reason = f"{extending[name]} extends it, and would be given what the template adds"
                candidate = replace(candidate, service=None, reason=reason)
            found.append(candidate)
    return found


def _repository(image: str) -> str:
    """An image's name without its tag and without what names the public registry, or a mirror of it."""
    repository, _, _ = _HUB.sub("", _MIRROR.sub("", image)).partition("$")
    head, slash, tail = repository.rpartition("/")
    return head + slash + tail.partition(":")[0]


def _candidate(name: str, image: str, service: Map, template: Template, variables: Mapping[str, str]) -> Candidate:
    usual, today = plain(image), plain(image, variables)
    if template.adopt is not None and template.adopt.never:
        return Candidate(name, image, template.name, reason=template.adopt.never)
    version = _version(usual, template)
    own = text(template.service.get("image")).replace("${version}", version or "")
    use = f"{template.name}@{version}" if version else template.name
    if version is None:
        pattern = _tag(text(template.service.get("image")))
        versions = ", ".join(pattern.replace("${version}", one.version) for one in template.versions)
        unset = "with no variable set, " if usual != image else ""
        return Candidate(name, image, use, reason=f"{unset}its tag is none of the template's versions ({versions})")
    if _version(today, template) != version:
        return Candidate(name, image, use, reason=f"it is {today} with today's variables, and another version without")
    given, taken, problem = _adopted(service, template, variables)
    if problem:
        return Candidate(name, image, use, reason=problem)
    return Candidate(name, image, use, _written(service, use, given, taken, _replaced(template, image == own)))


def _replaced(template: Template, own_image: bool) -> set[str]:
    """The keys of a service that the template has in their place."""
    return {*(("image",) if own_image else ()), *(("command",) if template.adopt and template.adopt.command else ())}


def _adopted(service: Map, template: Template, variables: Mapping[str, str]) -> tuple[Map, set[str], str]:
    """The parameters that say what the service does, the variables that they take the place of, and what keeps it from
    being the template's, if anything does."""
    environment, given, taken = as_mapping(service.get("environment")), Map(), set[str]()
    if template.adopt is None:
        return given, taken, f"the template changes settings; see `devenv catalog show {template.name}`"
    objections = (_objections(service, template, template.adopt, today) for today in ({}, variables))
    if problem := next(chain.from_iterable(objections), ""):
        return given, taken, problem
    own = as_mapping(template.service.get("environment"))
    # The first one counts: what sets the same again is for clients in the container.
    first = {said[1]: variable for variable, value in reversed(own.items()) if (said := _ONE.fullmatch(text(value)))}
    sets = {variable: parameter for parameter, variable in first.items()}
    held = {variable: text(value.get("value")) for variable, value in own.items() if isinstance(value, Map)}
    written = {*sets, *(variable for variable, value in held.items() if _ONE.fullmatch(value))}
    settled, rest = settings(service.get("command"), template.adopt.command) if template.adopt.command else ({}, "")
    if rest:
        return given, taken, f"its command says {rest}, and no parameter of the template does"
    settled |= _mounted(service, template.adopt.mounts)
    parameters = (*template.parameters, *template.secrets)
    for parameter in parameters:
        names = [name for name, one in (*sets.items(), *template.adopt.environment.items()) if one == parameter]
        passed = next((name for name in names if name in environment and environment[name] is None), None)
        if passed is not None:
            return given, taken, f"it takes {passed} from the environment, and the template would not"
        found = next((name for name in names if name in environment), None)
        if parameter in settled:
            given[parameter] = settled[parameter]
        elif found is not None and not _in_units(template.parameters.get(parameter), text(environment[found])):
            given[parameter], same = _said(text(environment[found]), text(own.get(found)), parameter)
            taken |= {found} if same or found in written else set()
        elif names and found is None and parameter not in template.adopt.with_ and not _optional(template, parameter):
            return given, taken, f"it sets no {names[0]}, and the template would"
    for parameter, value in template.adopt.with_.items():
        given.setdefault(parameter, _OTHER.sub(lambda other: given.get(other[1], ""), value))
    given = Map((name, _typed(template.parameters.get(name), given[name])) for name in parameters if name in given)
    files = [name for name in environment if (one := _FILE.fullmatch(name)) and one[1] in own]
    return given, taken, f"{files[0]} and the template's own setting exclude each other" if files else ""


def _objections(service: Map, template: Template, adopt: Adopt, variables: Mapping[str, str]) -> Iterator[str]:
    """What keeps the service from being the template's with these variables, whatever its parameters are."""
    yield from (f"its {key} may set what the template sets" for key in ("env_file", "extends") if key in service)
    commands = "entrypoint" in template.service or _named(template.service.get("command"), template)
    keys = ("entrypoint",) if adopt.command else ("entrypoint", "command") if commands else ()
    unless = (*keys, *adopt.unless)
    yield from filter(None, (hindered(service, entry, variables) for entry in unless))
    if problem := _elsewhere(service, template, variables):
        yield problem
    yield from filter(None, (lacking(service, entry, variables) for entry in adopt.only))
    environment, own = as_mapping(service.get("environment")), as_mapping(template.service.get("environment"))
    for variable in adopt.same:
        if text(environment.get(variable)) != text(own[variable]):
            yield f"it does not set {variable} to {text(own[variable])}, as the template does"


def _elsewhere(service: Map, template: Template, variables: Mapping[str, str]) -> str:
    """What keeps the template's ports and data from being one container's, or its readiness from finding the server."""
    if _NO_PORTS.fullmatch(plain(text(service.get("network_mode")), variables)):
        return "its network_mode leaves it no port of its own, and the template publishes one"
    deploy = service.get("deploy")
    copies = (service.get("scale"), deploy.get("replicas") if isinstance(deploy, Map) else None)
    if any(one is not None and text(one) not in ("0", "1") for one in copies):
        return "it runs in several copies, which would share the template's ports and data"
    command = service.get("command")
    words = " ".join(map(text, command)) if isinstance(command, list) else text(command)
    named = as_mapping(template.service.get("ports")).values()
    ports = [text(one.get("port") if isinstance(one, Map) else one) for one in named]
    said = [("command", port) for port in _PORT.findall(plain(words, variables))]
    environment = as_mapping(service.get("environment"))
    for variable, value in as_mapping(template.service.get("environment")).items():
        if text(value) in ports and variable in environment:
            said.append((variable, text(environment[variable])))
    other = next((one for one in said if one[1] not in ports), None)
    return f"its {other[0]} says port {other[1]}, where the template has {', '.join(ports)}" if other else ""


def _optional(template: Template, parameter: str) -> bool:
    return parameter in template.parameters and template.parameters[parameter].optional


def _typed(parameter: Parameter | None, value: str) -> Any:
    """A variable's text as the parameter takes it."""
    kind = parameter.type if parameter is not None else "string"
    if kind == "list":
        return value.split(",") if value and "$" not in value else [value] if value else []
    return read_plain(value) if kind in _NOT_TEXT else value


def _mounted(service: Map, places: Mapping[str, str]) -> dict[str, str]:
    """The parameters that name what the service mounts, and where that is in the project."""
    found = {}
    for one in service.get("volumes") or ():
        source = text(one.get("source")) if isinstance(one, Map) else split_colons(text(one))[0]
        parameter = places.get(text(volume(one)).rstrip("/"))
        if parameter is not None and source.startswith(("/", ".")):
            found[parameter] = source
    return found


def _said(value: str, own: str, parameter: str) -> tuple[str, bool]:
    """What a variable says of a parameter, and whether the template's own text of it then says the same."""
    for hole in (f"${{with.{parameter}}}", f"${{secret.{parameter}}}"):
        before, there, after = own.partition(hole)
        if there and value.startswith(before) and value.endswith(after):
            return value[len(before) : len(value) - len(after)], True
    return value, False


def _in_units(parameter: Parameter | None, value: str) -> bool:
    """Whether it is said in units (`512M`), where the template says it in bytes or seconds: it stays what it is."""
    return parameter is not None and parameter.type in ("size", "duration") and not value.isdigit()


def _named(command: Any, template: Template) -> bool:
    """Whether a command sets something that the template's outputs promise."""
    promised = set(_SETTING.findall(str([*template.outputs.values()])))
    return not promised.isdisjoint(_SETTING.findall(str(command)))


def _version(image: str, template: Template) -> str | None:
    """The template's version that an image's tag names, or that takes the place of it; what follows in the tag is a
    release of that version, or a variant of its image."""
    name, digest, _ = image.partition("@")
    tag = _tag(name) or ("" if digest else "latest")
    pattern = _tag(text(template.service.get("image")))
    further = template.adopt.tags if template.adopt is not None else {}
    versions = {**further, **{pattern.replace("${version}", one.version): one.version for one in template.versions}}
    head, _, tail = pattern.partition("${version}")
    for wanted in sorted(versions, key=len, reverse=True):
        release = re.escape(wanted)
        if tail and wanted not in further:
            release = rf"{re.escape(head + versions[wanted])}(?:\.\w+)*{re.escape(tail)}[\d.]*"
        if tag == wanted or (re.fullmatch(rf"{release}(?:[.-].*)?", tag) and "$" not in tag):
            return versions[wanted]
    return None


def _tag(image: str) -> str:
    return image.rpartition("/")[2].partition(":")[2]


def _written(service: Map, use: str, given: Map, taken: set[str], gone: set[str]) -> Map:
    head: dict[str, Any] = {"use": use, **({"with": given} if given else {})}
    rest = {key: value for key, value in service.items() if key not in gone}
    if taken and "environment" in rest:
        rest["environment"] = _without(service["environment"], taken)
        if not rest["environment"]:
            del rest["environment"]
    return like(service, [*head.items(), *rest.items()])


def _without(environment: Any, names: set[str]) -> Any:
    if isinstance(environment, dict):
        return like(environment, ((key, value) for key, value in environment.items() if key not in names))
    return like_list(environment, (entry for entry in environment if text(entry).partition("=")[0] not in names))


def by_mountpoint(config: Mapping[str, Any], names: Container[str]) -> Mapping[str, Any]:
    """What Compose shows, with the volumes of the services `names` by where they are mounted: a template may mount its
    own first."""
    services = {
        name: {**one, "volumes": {text(volume.get("target")): volume for volume in one.get("volumes") or ()}}
        if name in names
        else one
        for name, one in config.get("services", {}).items()
    }
    return {**config, "services": services}


def covered(service: Mapping[str, Any]) -> str | None:
    """Where a service, as Compose shows it, has mounted something over a file of the stack, which would be written into
    that."""
    files = [f"{text(one.get('target'))}/" for one in service.get("configs") or ()]
    targets = (text(one.get("target")).rstrip("/") for one in service.get("volumes") or ())
    return next((one for one in targets if any(file.startswith(f"{one}/") for file in files)), None)


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
