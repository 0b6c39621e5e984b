"""What a change of files means for the stack: against a revision, between two, or against what runs."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.core.comparison.compare import Side, compare
from devenv.core.comparison.running import against_running
from devenv.core.lock.state import filled_name, locked_variables, unlocked_name
from devenv.core.planning.definition import env_files
from devenv.core.provenance.explain import Explainer
from devenv.core.provenance.origins import Files
from devenv.core.provenance.recorder import Recorder
from devenv.engine import dotenv
from devenv.engine.protocols import Project
from devenv.engine.revision import Repository, Revision, is_outside, without
from devenv.engine.world import World
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.data import mark_of, text
from devenv.model.difference import StackDifference
from devenv.model.lock import Lock
from devenv.model.manifest import Manifest
from devenv.model.stack import Stack
from devenv.ops.bringup import mounted
from devenv.ops.explain import explainer_for, explainer_of, locked_images
from devenv.ops.load import local_name, resolve_stack
from devenv.ops.locking.wanted import Kept, common_variables
from devenv.ops.plan import plan
from devenv.ops.sources import Sources, load_lock
from devenv.records import field, frozen, replace

HERE = "the working tree"


def diff(
    world: World, revisions: str = "HEAD", *, local: bool = False, report: Report | None = None
) -> StackDifference:
    """What differs between a revision and the working tree, or between two: `OLD..NEW`, or `OLD...NEW` from where they
    went apart. A person's own override that Git does not keep counts with `local` only. Where the older side has no
    manifest, everything is new, and a note says why.

    Raises DevenvError DE761 without a repository, DE762 for what names no revision, DE763 when the newer one has no
    manifest, and as loading does for either of the two, with the revision in the files' names.
    """
    repository = Repository.around(world.processes, world.project.root)
    old, new = _two(repository, revisions)
    report = report or Report()
    own = _Own(repository, local_name(world.project.manifest), Kept(world))
    here = world if local else replace(world, project=without(world.project, own))
    then, now = _revision(world, repository, *old), _revision(world, repository, *new) if new else None
    after = _side_of(world, now) if now else _side(here, HERE, report, load_lock(world.project, report))
    new_to_it = not then.exists(then.manifest, "file")
    before = _nothing(then.name, after.stack) if new_to_it else _side_of(world, then)
    files = _files(then, before.stack), _files(now or here.project, after.stack)
    found = compare(before, after, _changed(repository, (old[0], new[0] if new else None), *files))
    outside = {**then.outside, **(now.outside if now else {})}
    notes = [f"there was no {then.manifest} in {then.name}: all of it is new"] if new_to_it else []
    notes += [f"{path} lies outside of the repository: it is taken as it is now" for path in outside]
    if now is None:
        notes += [f"{path} is yours alone and left out; --local takes it in" for path in own.found]
    return replace(found, notes=tuple(notes))


@frozen
class _Own:
    """Whether a file is one person's: an override, or variables of an included file, that Git does not keep. `found`
    are those that were asked about. What lies outside of the repository is the same on both sides."""

    repository: Repository
    override: str
    kept: Kept
    found: dict[str, None] = field(default_factory=dict)

    def __call__(self, path: str) -> bool:
        if path != self.override and not path.endswith("/.env"):
            return False
        if is_outside(self.repository.at(path)) or self.kept(path):
            return False
        self.found[path] = None
        return True


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


def _revision(world: World, repository: Repository, commit: str, name: str) -> Revision:
    return Revision(repository, commit, world.project.manifest, world.git, name=name)


def _side_of(world: World, revision: Revision) -> Side:
    then = replace(world, project=revision)
    lock = load_lock(revision, Report())
    if lock is None:  # what is remote must be the same on both sides, and is on this machine already
        lock = replace((load_lock(world.project, Report()) or Lock()), images={})
    try:
        return _side(then, revision.name, Report(), lock)
    except DevenvError as error:
        raise DevenvError(*(_in(problem, revision.name) for problem in error.problems)) from error


def _nothing(name: str, stack: Stack) -> Side:
    """A side without a manifest: no service, under the name that the stack has on the other one."""
    empty = Stack(stack.name, {})
    explainer = Explainer(empty, Recorder(), Files(stack.manifest, local_name(stack.manifest)), "", {})
    return Side(name, Manifest(format=1, name=stack.name, services={}), empty, explainer)


def _files(project: Project, stack: Stack) -> dict[str, dict[str, str]]:
    """The single files that belong to each service's definition: keys as in a plan → paths."""
    found = {}
    for name, service in stack.services.items():
        mounts = mounted.files(project, stack, service, {})
        found[name] = {f"env_file {path}": path for path in env_files(service) if project.exists(path, "file")}
        found[name] |= {f"file {path}": at for path, at in mounts.items()}
    return found


def _changed(
    repository: Repository,
    commits: tuple[str, str | None],
    before: dict[str, dict[str, str]],
    after: dict[str, dict[str, str]],
) -> dict[str, dict[str, str]]:
    """Those files of both sides whose contents differ."""
    both = {name: dict(before.get(name, {}).items() & files.items()) for name, files in after.items()}
    changed = repository.changed(*commits, {path for files in both.values() for path in files.values()})
    return {name: {key: path for key, path in sorted(files.items()) if path in changed} for name, files in both.items()}


def _in(problem: Problem, name: str) -> Problem:
    """The problem, with the revision in the name of its file."""
    mark = problem.mark
    return replace(problem, mark=Mark(f"{name}:{mark.file}", *mark[1:])) if mark else problem


def _side(world: World, name: str, report: Report, lock: Lock | None) -> Side:
    recorder = Recorder()
    sources = Sources(world, report, lock=lock or Lock(), any_release=True)
    found = resolve_stack(world, report, paths=False, watch=recorder, sources=sources)
    explainer = explainer_for(found, recorder, world.project, {})
    common = common_variables(world)
    variables = _variables(world, common) if common else {}
    images = _images(world.project, found.stack, common) if common else {}
    return Side(name, found.manifest, found.stack, explainer, variables, images)


def _images(project: Project, stack: Stack, common: Mapping[str, str]) -> dict[str, tuple[str, Mark | None]]:
    """The names of images that hold variables, with the values that everybody has: by service, with the digest that the
    lock has for it, and where that stands."""
    places, found = locked_images(project), dict[str, tuple[str, Mark | None]]()
    for service in stack.services.values():
        written = text(service.compose.get("image"))
        name = filled_name(unlocked_name(written), common) if "$" in written else None
        if name is not None:
            (pinned,) = locked_variables([written], stack.digests, common).values() or (name,)
            found[service.name] = pinned, mark_of(places, name, of_key=True) if name in places else None
    return found


def _variables(world: World, values: Mapping[str, str]) -> dict[str, tuple[str, Mark]]:
    """What the `.env` that Git keeps sets: values, and where they stand."""
    lines = dotenv.lines(world.project.read(".env"))
    return {name: (value, Mark(".env", lines.get(name, 1), 1)) for name, value in values.items()}
