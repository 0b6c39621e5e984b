"""What has moved since the lock was made, and what is newer than the manifest says."""

from __future__ import annotations

from collections.abc import Iterator

from devenv.core.lock.tags import newest_like, newest_version
from devenv.engine.world import World
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.data import mark_of
from devenv.model.lock import Lock, LockChange, Source
from devenv.ops.load import Loaded
from devenv.ops.locking.upgrade import upgrade
from devenv.records import frozen, replace


@frozen
class Outdated:
    """`changes` are what an upgrade would pin anew; `versions` is what the manifest would have to name: services whose
    template has a newer version, and remote sources with a tag of a higher number. `problems` and `refused` are as an
    upgrade has them, the latter as warnings."""

    changes: tuple[LockChange, ...]
    versions: tuple[LockChange, ...]
    problems: tuple[Problem, ...]
    refused: tuple[Problem, ...]


def outdated(world: World, report: Report) -> Outdated:
    """Asks registries and repositories what moved since the lock was made; writes nothing.
    Raises DevenvError DE782 when there is no lock."""
    found = upgrade(world, (), report)
    refused = tuple(replace(problem, warning=True) for problem in found.refused)
    problems = [*found.problems]
    own = world.project.manifest
    newer = list(_newer_versions(found.loaded, own)) if found.loaded is not None else []
    marks = {s: m for kind in found.loaded.sources.asked.values() for s, m in kind.items()} if found.loaded else {}
    for change, source in _newer_tags(world, found.lock, problems):
        newer.append(replace(change, file=_elsewhere(marks.get(source), own)))
    return Outdated(found.changes, tuple(newer), tuple(problems), refused)


def _elsewhere(mark: Mark | None, own: str) -> str | None:
    return mark.file if mark is not None and mark.file != own else None


def _newer_versions(loaded: Loaded, own: str) -> Iterator[LockChange]:
    for service in loaded.stack.services.values():
        template = loaded.templates.get(service.origin.template or "")
        if template is None or service.setup_of is not None or service.server is not None:
            continue  # a part of a server has the server's version
        newest = newest_version(service.origin.version or "", [one.version for one in template.versions])
        if newest is not None:
            spec = loaded.manifest.services.get(service.name)
            file = _elsewhere(mark_of(spec.source, "use") if spec is not None else None, own)
            name = f"services.{service.name}.use"
            yield LockChange(kind="version", name=name, before=str(service.origin), after=newest, file=file)


def _newer_tags(world: World, lock: Lock, problems: list[Problem]) -> Iterator[tuple[LockChange, Source]]:
    tags: dict[str, list[str]] = {}
    for source, pin in {pin.source: pin for pin in (*lock.catalogs, *lock.includes)}.items():
        if pin.ref == pin.commit or not any(letter.isdigit() for letter in pin.ref):
            continue  # no release; a branch that has a number in its name is none of the tags there are
        if source.git not in tags:
            try:
                tags[source.git] = world.git.tags(source.git)
            except DevenvError as error:
                tags[source.git] = []
                problems += [problem for problem in error.problems if problem not in problems]
        if (newest := newest_like(source.ref, tags[source.git])) is not None:
            yield LockChange(kind="version", name=str(source), before=source.ref, after=newest), source
