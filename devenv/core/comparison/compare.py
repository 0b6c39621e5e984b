"""Two resolved stacks → what differs, for whom, and which line of which file it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from devenv.core.comparison.causes import causes
from devenv.core.comparison.data import Volumes
from devenv.core.comparison.words import ABSENT, CONTENT, difference, is_short_command, pairs, same, words
from devenv.core.lock.state import unlocked_name
from devenv.core.provenance import here, paths
from devenv.core.provenance.explain import Explainer
from devenv.core.provenance.origins import LOCKED_BY
from devenv.core.stack import resources
from devenv.errors import Mark
from devenv.model import secrecy
from devenv.model.data import Map, mark_of
from devenv.model.difference import Difference, ServiceDifference, StackDifference, Why
from devenv.model.explanation import Step
from devenv.model.manifest import Check, Expect, Manifest, Ready
from devenv.model.stack import Service, Stack
from devenv.records import asdict, field, frozen, replace

_LABELS = "dev.devenv."


@frozen
class Side:
    """One of the two: `name` is what people call it (`HEAD`, `the working tree`); `variables` are those that everybody
    has, each with its value and its place. `images` are what these make of names of images, by service, each with the
    place of its digest."""

    name: str
    manifest: Manifest
    stack: Stack
    explainer: Explainer
    variables: Mapping[str, tuple[str, Mark]] = field(default_factory=dict)
    images: Mapping[str, tuple[str, Mark | None]] = field(default_factory=dict)


def compare(old: Side, new: Side, files: Mapping[str, Mapping[str, str]]) -> StackDifference:
    """What becomes of the stack `old` when it is `new`. `files` are the files of each service whose contents differ:
    keys as in a plan (`env_file app.env`) → paths."""
    before, after = old.stack.services, new.stack.services
    volumes = Volumes(old.stack, new.stack)
    found: dict[str, ServiceDifference] = {}
    for name in dict.fromkeys([*after, *before]):
        if name not in before:
            found[name] = _alone(new, name, "added")
        elif name not in after:
            found[name] = _alone(old, name, "removed", volumes.left(before[name]))
        elif changes := _changes(old, new, name, files.get(name, {})):
            becomes = volumes.kept(before[name], after[name])
            found[name] = ServiceDifference(name, "changed", _about(after[name]), after[name].mark, changes, becomes)
    services = tuple(_like(one, found, after) for one in found.values())
    return StackDifference(new.stack.name, old.name, new.name, services, tuple(_shared(old, new)), volumes.renamed())


def _like(
    one: ServiceDifference, every: Mapping[str, ServiceDifference], stack: Mapping[str, Service]
) -> ServiceDifference:
    """A setup's job says whose changes it shares."""
    owner = every.get(stack[one.service].setup_of or "") if one.service in stack else None
    keys = {(change.key, change.old, change.new) for change in owner.changes} if owner is not None else set()
    shares = one.changes and all((change.key, change.old, change.new) in keys for change in one.changes)
    return replace(one, like=owner.service) if owner is not None and shares else one


def _alone(side: Side, name: str, kind: Any, becomes: tuple[str, ...] = ()) -> ServiceDifference:
    service = side.stack.services[name]
    return ServiceDifference(name, kind, _about(service), service.mark, data=becomes)


def _about(service: Service) -> str:
    if service.setup_of:
        return f"the {service.made_of} of {service.setup_of}"
    if service.origin.template:
        return str(service.origin)
    return "built here" if service.build else secrecy.masked(service.image or "")


def _changes(old: Side, new: Side, name: str, files: Mapping[str, str]) -> tuple[Difference, ...]:
    contents = (Difference(key, CONTENT, CONTENT, (Why("", Mark(path, 1, 1)),)) for key, path in files.items())
    definitions = [_definition(side, name) for side in (old, new)]
    written = ((paths.shown(path), paths.at(one, path)) for one in definitions for path in _ends(one))
    variables = _of_variables(old, new, written)
    return (*_differences(old, new, name), *variables, *_of_images(old, new, name), *contents)


def _of_images(old: Side, new: Side, name: str) -> Iterator[Difference]:
    """The bytes that a name with variables stands for, where a lock says so: these do not stand in the definition."""
    if name not in old.images or name not in new.images:
        return
    (before, _), (after, mark) = old.images[name], new.images[name]
    if before != after and "@" in before + after:
        yield difference("image", before, after, (Why(LOCKED_BY, mark),) if mark is not None else ())


def _of_variables(old: Side, new: Side, written: Iterable[tuple[str, Any]]) -> Iterator[Difference]:
    """The variables that are others now, of those that stand in what is compared: keys, and what is written there."""
    both = dict.fromkeys([*new.variables, *old.variables])
    if not (moved := [one for one in both if _value_of(old, one) != _value_of(new, one)]):
        return
    used: dict[str, dict[str, bool]] = {}
    for key, value in written:
        for variable in here.names_in(value) & set(moved):
            keys = used.setdefault(variable, {})
            keys[key] = keys.get(key, False) or here.hides(variable, key, value)
    for variable in (one for one in moved if one in used):
        mark = (new.variables.get(variable) or old.variables[variable])[1]
        whys = (Why("", mark, variable not in new.variables),)
        found = difference(variable, _value_of(old, variable), _value_of(new, variable), whys)
        if any(used[variable].values()):
            found = replace(found, old=found.old and secrecy.HIDDEN, new=found.new and secrecy.HIDDEN, lines=())
        yield replace(found, key=f"${{{variable}}}", within=tuple(used[variable]))


def _value_of(side: Side, variable: str) -> Any:
    return side.variables[variable][0] if variable in side.variables else ABSENT


def _differences(old: Side, new: Side, name: str) -> Iterator[Difference]:
    before, after = _definition(old, name), _definition(new, name)
    for path in dict.fromkeys([*_ends(after), *_ends(before)]):
        one, other = _value(before, path), _value(after, path)
        if same(one, other) or _is_inner(one) or _is_inner(other):
            continue  # what is below it is told of
        if not isinstance(one, list) or not isinstance(other, list) or is_short_command(path, one, other):
            at, to = None if one is ABSENT else path, None if other is ABSENT else path
            yield difference(paths.shown(path), one, other, _whys(old, new, name, at, to))
            continue
        was, now = secrecy.masked_words(one), secrecy.masked_words(other)  # what is secret is told by the word before
        for i, j in (found := pairs(path, one, other)):
            at, to = None if i is None else (*path, i), None if j is None else (*path, j)
            key = paths.shown((to or at or path) if paths.is_whole(path) else path)
            item, instead = ABSENT if i is None else was[i], ABSENT if j is None else now[j]
            yield difference(key, item, instead, _whys(old, new, name, at, to))
        if not found:
            key = paths.shown(path)
            yield Difference(key, words(key, one), "in another order", _whys(old, new, name, path, path))


def _definition(side: Side, name: str) -> Map:
    """What the generated file says, without what changes with every change, and with `ready` in place of the health
    check that is made of it."""
    compose, service = side.explainer.definition(name), side.stack.services[name]
    labels = compose.get("labels")
    kept = {key: value for key, value in labels.items() if not key.startswith(_LABELS)} if labels else {}
    result = Map((key, value) for key, value in compose.items() if key not in ("labels", "healthcheck"))
    if kept:
        result["labels"] = Map(kept)
    if service.image_variable is not None:
        result["image"] = service.image
    if isinstance(image := result.get("image"), str):
        result["image"] = unlocked_name(image)
    if service.ready is not None:
        result["ready"] = Map((key, value) for key, value in _timed(service.ready).items() if value is not None)
    elif "healthcheck" in compose:
        result["healthcheck"] = compose["healthcheck"]
    return result


def _ends(definition: Map) -> Iterator[paths.Path]:
    """The paths that are compared: single values and whole lists."""
    seen: dict[paths.Path, None] = {}
    for path in paths.leaves(definition):
        first = next((i for i, key in enumerate(path) if isinstance(key, int)), len(path))
        seen.setdefault(path[:first])
    return iter(seen)


def _whys(old: Side, new: Side, name: str, at: paths.Path | None, to: paths.Path | None) -> tuple[Why, ...]:
    before = old.explainer.steps(name, _explained(at)) if at else ()
    after = new.explainer.steps(name, _explained(to)) if to else ()
    return causes(before, after)


def _explained(path: paths.Path) -> paths.Path:
    """The path of the generated file whose making tells of a path that is compared."""
    return ("healthcheck", "start_period" if path[1:] == ("within",) else "test") if path[0] == "ready" else path


def _shared(old: Side, new: Side) -> Iterator[Difference]:
    if old.stack.name != new.stack.name:
        yield difference("name", old.stack.name, new.stack.name, _named(old, new, "name"))
    before, after, users = _top(old), _top(new), _users(old, new)
    for key in dict.fromkeys([*after, *before]):
        if key not in before or key not in after or not same(before[key], after[key]):
            found = difference(key, before.get(key, ABSENT), after.get(key, ABSENT), _named(old, new, key))
            at = (key[: dot.start()] for dot in re.finditer(r"\.|\Z", key))  # names may have dots in them
            yield replace(found, services=tuple(dict.fromkeys(user for entry in at for user in users.get(entry, ()))))
    yield from _of_variables(old, new, [*before.items(), *after.items()])


def _said(check: Check) -> dict[str, Any]:
    """What a check says, without what every check says."""
    usual, expected = _timed(Check()), asdict(Expect())
    said = {key: value for key, value in _timed(check).items() if value != usual[key]}
    if "expect" in said:
        said["expect"] = {key: value for key, value in said["expect"].items() if value != expected[key]}
    return said


def _timed(asked: Check | Ready) -> dict[str, Any]:
    """What is asked, the time for it as people write it."""
    return {**asdict(asked), "within": f"{asked.within:g}s"}


def _top(side: Side) -> dict[str, Any]:
    """Modes, checks, and what services share, each entry flat."""
    found: dict[str, Any] = {f"modes.{name}": list(members) for name, members in side.stack.modes.items()}
    found |= {f"checks.{name}": _said(check) for name, check in side.stack.checks.items()}
    for path in paths.leaves(side.stack.top):
        value = paths.at(side.stack.top, path)
        # An empty path: services share nothing at all.
        if path and (
            value or path[0] != "volumes"
        ):  # a volume that is only named comes and goes with the service that it is for
            found[paths.shown(path)] = value
    return found


def _named(old: Side, new: Side, key: str) -> tuple[Why, ...]:
    """What caused an entry of the top level to be another one: where it is written, or what made it."""
    before, after = _steps(old, key), _steps(new, key)
    for side in (new, old):
        source: Any = side.manifest.source
        path = paths.find(source, key)
        mark = mark_of(paths.at(source, path[:-1]), path[-1]) if path else None
        if mark is not None:
            return (Why("", mark, old=side is old),)
        if after:
            break
    return causes(before, after)


def _steps(side: Side, key: str) -> tuple[Step, ...]:
    explained = side.explainer.explain_top(key)
    return explained[0].steps if explained else ()


def _users(old: Side, new: Side) -> dict[str, list[str]]:
    """The services that use each entry of the top level (`volumes.data`)."""
    found: dict[str, list[str]] = {}
    for service in (service for side in (new, old) for service in side.stack.services.values()):
        for kind in resources.SHARED:
            for name, _ in resources.used(service.compose, kind):
                found.setdefault(f"{kind}.{name}", []).append(service.name)
    return found


def _is_inner(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def _value(data: Map, path: paths.Path) -> Any:
    return paths.at(data, path) if paths.holds(data, path) else ABSENT
