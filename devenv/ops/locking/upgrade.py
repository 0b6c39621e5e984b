"""The lock that follows what has moved since it was made, and what that means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from devenv import __version__
from devenv.core.lock.changes import changes_of, file_diffs
from devenv.core.lock.lock_file import lock_text
from devenv.core.lock.names import Choice, choose
from devenv.core.lock.releases import range_of
from devenv.core.lock.state import locked_variables, pruned
from devenv.core.planning.definition import changes, leaves
from devenv.core.stack.render import definition_hash
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.model.lock import KINDS, LOCK_FILE, LOCKED, FileDiff, Lock, LockChange, Pin, StackChange, Wanted
from devenv.model.plan import Change, Leaf
from devenv.model.stack import Service
from devenv.ops.images.builds import bases_of
from devenv.ops.load import Loaded, load_stack
from devenv.ops.locking.digests import ask
from devenv.ops.locking.wanted import locked_names, wanted_of
from devenv.ops.policies import load_written, of_catalog
from devenv.ops.sources import Sources, load_lock
from devenv.records import frozen, replace


@frozen
class Upgrade:
    """What an upgrade would do: the lock that it writes, what that pins, how templates in use and policies of catalogs
    differ, and what it means for the services (None where the manifest does not fit the lock as it is, so that nothing
    can be compared); `problems` are about what could not be asked, which stays as it is. `drawn` are the catalogs that
    move because a template of theirs was named. `refused` says why the manifest does not fit the new lock, which then
    must not be written. `loaded` is the stack under the new lock, else under the one that there is; None where it fits
    neither."""

    lock: Lock
    changes: tuple[LockChange, ...]
    diffs: tuple[FileDiff, ...]
    services: tuple[StackChange, ...] | None
    loaded: Loaded | None
    problems: tuple[Problem, ...] = ()
    drawn: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()


def upgrade(world: World, names: Sequence[str], report: Report) -> Upgrade:
    """The lock with `names` (images, services, templates, catalogs, `devenv`; all when empty) pinned to what they stand
    for now. Nothing is written. Raises DevenvError DE782 without a lock, DE784 for a name that nothing goes by.

    A manifest may ask for what only the upgrade brings: what is wrong with it under the lock as it is becomes warnings.
    Of one that would be wrong with the new lock, only the lock's own changes are known. Raises DevenvError with what is
    wrong where nothing moves that could be the reason.
    """
    if not world.project.exists(LOCK_FILE, "file"):
        raise DevenvError.of("DE782", f"there is no {LOCK_FILE} yet", hint="`devenv lock` makes it")
    old, sources, wanted = _as_it_is(world, report)
    before = sources.lock
    what = choose(names, before, wanted, locked_names(world, old) if old is not None else {})
    problems: list[Problem] = []
    new = before
    for kind in ("catalogs", "includes"):
        pins = [_moved(world, pin, problems) if pin.source in what.sources else pin for pin in before.pins(kind)]
        new = replace(new, **{kind: tuple(pins)})
    if what.devenv:
        new = replace(new, devenv=range_of(__version__))
    try:
        loaded, new = _settle(world, new, what, wanted, problems)
    except DevenvError as error:
        if old is None and new == sources.before:
            raise
        told = {(problem.code, problem.mark, problem.message) for problem in error.problems}
        report.problems = [p for p in report.problems if (p.code, p.mark, p.message) not in told]
        answers = ask(world, [name for name in wanted.images if name in what.images])
        new = replace(new, images={**new.images, **answers.images})
        refused = (*error.problems, Problem("DE785", "the manifest does not fit what is new", outcome=True))
        moved = changes_of(sources.before, new)
        return Upgrade(new, moved, (), None, old, (*problems, *answers.problems), refused=refused)
    report.problems += _new_policies(world, old, loaded)
    moved = changes_of(sources.before, new)
    images = [change for change in moved if change.kind == "image"]
    services = _services(world, old, loaded, images) if old is not None else None
    diffs = _diffs(old, loaded) if old is not None else ()
    drawn = tuple(c.name for c in moved if c.kind == "catalog" and c.name in map(str, what.drawn))
    return Upgrade(new, moved, tuple(diffs), services, loaded, tuple(problems), drawn)


def write(world: World, done: Upgrade) -> bool:
    """Writes the lock of an upgrade. Raises DevenvError DE701."""
    return world.project.write(LOCK_FILE, lock_text(done.lock))


def _as_it_is(world: World, report: Report) -> tuple[Loaded | None, Sources, Wanted]:
    """The stack under the lock as it is, with what it pins besides, and what the stack asks for. Without a stack, which
    is then told as warnings, that is whatever the lock has."""
    found = Report()
    sources = Sources(world, found, lock=load_lock(world.project, found) or Lock(), any_release=True)
    try:
        loaded = load_stack(world, found, paths=False, sources=sources)
    except DevenvError as error:
        if any(_of_lock(problem) for problem in error.problems):
            raise
        report.problems += [replace(problem, warning=True) for problem in error.problems]
        message = f"the manifest does not fit {LOCK_FILE} as it is"
        report.problems.append(Problem("DE782", message, warning=True, outcome=True))
        lock = sources.lock
        pinned = {kind: tuple(pin.source for pin in lock.pins(kind)) for kind in KINDS}
        return None, sources, Wanted(images=tuple(lock.images), templates=lock.templates, **pinned)
    report.problems += found.problems
    return loaded, sources, wanted_of(world, loaded)


def _of_lock(problem: Problem) -> bool:
    """Whether it is about the lock, or about a source that cannot be had. A commit that its repository has no more is
    what an upgrade is there for."""
    own = problem.mark is not None and problem.mark.file == LOCK_FILE
    return own or (problem.code.startswith(("DE77", "DE78")) and problem.code != "DE771")


def _diffs(old: Loaded, new: Loaded) -> Iterator[FileDiff]:
    for name in sorted(old.templates.keys() & new.templates.keys()):
        yield from file_diffs(old.catalog.files(name), new.catalog.files(name), name)
    yield from file_diffs(dict(old.catalog.policies()), dict(new.catalog.policies()))


def _new_policies(world: World, old: Loaded | None, new: Loaded) -> list[Problem]:
    """What is wrong with policies that come with the upgrade, as warnings: `lint` fails for it from then on."""
    found = Report()
    if old is None or old.catalog.policies() != new.catalog.policies():
        load_written(list(of_catalog(world, new.catalog)), found)
    return [replace(problem, warning=True) for problem in found.problems]


def _moved(world: World, pin: Pin, problems: list[Problem]) -> Pin:
    """The pin of what a source's ref names now; the same when that cannot be known, which is told."""
    try:
        commit = world.git.commit(pin.git, pin.ref)
        if commit == pin.commit:
            return pin
        tree = world.git.tree(pin.git, commit, pin.path)
    except DevenvError as error:
        gone = f"'{pin.ref}' is gone, and {pin.commit[:12]} stays pinned; name another ref where the manifest says this"
        told = [replace(p, hint=gone) if p.code == "DE771" and pin.ref else p for p in error.problems]
        problems += [problem for problem in told if problem not in problems]  # of a repository with several pins, too
        return pin
    return replace(pin, commit=commit, content=tree.content)


def _settle(world: World, new: Lock, what: Choice, before: Wanted, problems: list[Problem]) -> tuple[Loaded, Lock]:
    """The stack under the new lock, and that lock with the images and templates that the stack now asks for."""
    loaded = _under(world, new)
    wanted = wanted_of(world, loaded)
    fresh = [name for name in wanted.images if name in what.images or name not in before.images]
    answers = ask(world, fresh)
    problems += answers.problems
    templates = {
        name: now
        if name in what.templates or name not in new.templates or _of_moved(new, name, now.catalog, what)
        else new.templates[name]
        for name, now in wanted.templates.items()
    }
    images = {**new.images, **answers.images}
    new = pruned(replace(loaded.sources.lock, images=images, templates=templates), wanted)
    return _under(world, new), new


def _under(world: World, lock: Lock) -> Loaded:
    """The stack under another lock than the file's. Raises DevenvError also for a source that cannot be had."""
    report = Report()
    sources = Sources(world, report, lock=lock, any_release=True)
    return load_stack(world, report, paths=False, sources=sources)


def _of_moved(lock: Lock, name: str, catalog: str, what: Choice) -> bool:
    """Whether a template comes from a source that is upgraded, or came from one."""
    moved = {str(source) for source in what.sources}
    return catalog in moved or lock.templates[name].catalog in moved


def _services(world: World, old: Loaded, new: Loaded, images: Sequence[LockChange]) -> tuple[StackChange, ...]:
    """What becomes another service; `images` are those that the lock pins anew, which some may be built on."""
    # What a machine uses instead of an image is no part of the stack.
    variables = {k: v for k, v in world.project.environment().items() if not k.startswith(("DEVENV_IMAGE_", LOCKED))}
    both = [(one, _with_locked(one, variables)) for one in (old, new)]
    found = []
    for name in dict.fromkeys([*old.stack.services, *new.stack.services]):
        before, after = (_leaves(loaded, name, its) for loaded, its in both)
        if before is None or after is None:
            found.append(StackChange(name, "removed" if after is None else "added"))
        elif differing := (*changes(before, after), *_built_on(world, new.stack.services[name], images)):
            found.append(StackChange(name, "changed", differing))
    return tuple(found)


def _built_on(world: World, service: Service, images: Sequence[LockChange]) -> Iterator[Change]:
    bases = bases_of(world.project, service) if service.build else []
    for image in images:
        if image.name in bases:
            yield Change(f"FROM {image.name}", image.before, image.after)


def _with_locked(loaded: Loaded, variables: Mapping[str, str]) -> Mapping[str, str]:
    """The variables, and those that say which bytes images are whose names hold some."""
    return {**variables, **locked_variables(loaded.stack.written_images, loaded.stack.digests, variables)}


def _leaves(loaded: Loaded, name: str, variables: Mapping[str, str]) -> Mapping[str, Leaf] | None:
    service = loaded.stack.services.get(name)
    if service is None:
        return None
    try:
        return leaves(loaded.stack, service, variables, {})
    except DevenvError:  # a variable that must be set is not; what an upgrade changes does not depend on it
        return {"definition": Leaf(definition_hash(service, loaded.stack.top), "text")}
