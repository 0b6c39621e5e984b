"""What a change of files means for the stack: against a revision, between two, or against what runs."""

from __future__ import annotations

from devenv.core.comparison.compare import Side, compare
from devenv.core.comparison.running import against_running
from devenv.core.provenance.recorder import Recorder
from devenv.engine.protocols import Project
from devenv.engine.revision import Repository, Revision, without
from devenv.engine.world import World
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.difference import StackDifference
from devenv.model.lock import Lock
from devenv.ops.explain import explainer_for, explainer_of
from devenv.ops.load import local_name, resolve_stack
from devenv.ops.plan import plan
from devenv.ops.sources import Sources, load_lock
from devenv.records import replace

HERE = "the working tree"


def diff(
    world: World, revisions: str = "HEAD", *, local: bool = False, report: Report | None = None
) -> StackDifference:
    """What differs between a revision and the working tree, or between two: `OLD..NEW`, or `OLD...NEW` from where they
    went apart. A person's own override that Git does not keep counts with `local` only.

    Raises DevenvError DE761 without a repository, DE762 for what names no revision, DE763 when there was no manifest,
    and as loading does for either of the two, with the revision in the files' names.
    """
    repository = Repository.around(world.processes, world.project.root)
    old, new = _two(repository, revisions)
    report = report or Report()
    override = local_name(world.project.manifest)
    own = local or repository.tracked(override)
    here = world if own else replace(world, project=without(world.project, override))
    if new is None:
        after = _side(here, HERE, report, load_lock(world.project, report))
    else:
        after = _revision(world, repository, *new)
    before = _revision(world, repository, *old)
    found = compare(before, after)
    hidden = new is None and not own and world.project.exists(override, "file")
    return replace(found, notes=(f"{override} is yours alone and left out; --local takes it in",)) if hidden else found


def diff_running(world: World, report: Report | None = None) -> StackDifference:
    """What `up` would change of what runs. Raises DevenvError as `plan` does."""
    found = plan(world, report=report)
    return against_running(found.plan, found.notes, found.builds, explainer_of(world, Report()))


def _two(repository: Repository, revisions: str) -> tuple[tuple[str, str], tuple[str, str] | None]:
    """The older and the newer side as (commit, name); None is the working tree."""
    for dots in ("...", ".."):
        one, found, other = revisions.partition(dots)
        if found:
            one, other = one or "HEAD", other or "HEAD"
            base = repository.merge_base(one, other) if dots == "..." else one
            name = f"{base[:10]}, where {one} and {other} went apart" if dots == "..." else one
            return (base, name), (other, other)
    return (revisions, revisions), None


def _revision(world: World, repository: Repository, commit: str, name: str) -> Side:
    project: Project = Revision(repository, commit, world.project.manifest, world.git, name=name)
    then = replace(world, project=project)
    lock = load_lock(then.project, Report())
    if lock is None:  # what is remote must be the same on both sides, and is on this machine already
        lock = replace((load_lock(world.project, Report()) or Lock()), images={})
    try:
        return _side(then, name, Report(), lock)
    except DevenvError as error:
        raise DevenvError(*(_in(problem, name) for problem in error.problems)) from error


def _in(problem: Problem, name: str) -> Problem:
    """The problem, with the revision in the name of its file."""
    mark = problem.mark
    return replace(problem, mark=Mark(f"{name}:{mark.file}", *mark[1:])) if mark else problem


def _side(world: World, name: str, report: Report, lock: Lock | None) -> Side:
    recorder = Recorder()
    sources = Sources(world, report, lock=lock or Lock(), any_release=True)
    found = resolve_stack(world, report, paths=False, watch=recorder, sources=sources)
    return Side(name, found.manifest, found.stack, explainer_for(found, recorder, world.project, {}))
