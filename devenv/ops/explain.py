"""Tells where the values of the stack come from. Nothing is written, and no engine is asked."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.core.lock.state import locked_variables
from devenv.core.planning.definition import env_files
from devenv.core.practices.expand import SWITCHES
from devenv.core.provenance.explain import Explainer
from devenv.core.provenance.origins import Files
from devenv.core.provenance.recorder import Recorder
from devenv.core.suggest import suggest
from devenv.core.yaml.source import parse
from devenv.engine.protocols import Project
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.model.data import Map
from devenv.model.explanation import Explanation, Variable
from devenv.model.lock import LOCK_FILE, LOCKED
from devenv.model.stack import Stack
from devenv.ops.compose_files import dotenv
from devenv.ops.load import FOLDER, Resolved, local_name, resolve_stack
from devenv.ops.policies import legible
from devenv.records import frozen


@frozen
class Explained:
    """`path` as it was asked for, and every value at or below it."""

    path: str
    values: tuple[Explanation, ...]


def explain(world: World, path: str, report: Report | None = None) -> Explained:
    """Where the value at `path` (`orders.environment.DB_URL`, `orders`, `volumes.db-data`) comes from, or all below it.

    Raises DevenvError as loading does, and DE760 for a path that is not there, with a suggestion.
    """
    report = report or Report()
    resolved, explainer = _resolved(world, report)
    whole = explainer.service_of(path)
    found = explainer.explain(*whole) if whole is not None else None
    if found is None:
        found = explainer.explain_top(path)
    if found is None:
        raise _unknown(explainer, path, whole) if whole is None else _without(world, resolved, explainer, path, *whole)
    return Explained(path, tuple(_against(world, resolved, found, report)))


def candidates(world: World, incomplete: str) -> list[str]:
    """The paths that begin with `incomplete`, for completion: names of services first, then what is in one."""
    explainer = explainer_of(world, Report())
    whole = explainer.service_of(incomplete) if "." in incomplete else None
    if whole is None:
        return [name for name in (*explainer.services, *explainer.top_paths()) if name.startswith(incomplete)]
    prefix = "services." if incomplete.startswith("services.") else ""
    return [p for path in explainer.known(whole[0]) if (p := prefix + path).startswith(incomplete)]


def explainer_of(world: World, report: Report) -> Explainer:
    """What explains the world's stack as it is now."""
    return _resolved(world, report)[1]


def _resolved(world: World, report: Report) -> tuple[Resolved, Explainer]:
    recorder = Recorder()
    found = resolve_stack(world, report, paths=False, watch=recorder)
    return found, explainer_for(found, recorder, world.project, _variables(world.project, found.stack))


def _against(world: World, resolved: Resolved, values: list[Explanation], report: Report) -> list[Explanation]:
    """The values with what policies have against them; without a policy nothing is looked at."""
    policies = legible(world, resolved.catalog, report)
    if not policies:
        return values
    from devenv.core.policy.judge import judge
    from devenv.core.provenance.objections import with_objections
    from devenv.ops.lint import subject_of

    verdict = judge(subject_of(world, resolved, report), policies, world.now().date())
    return [with_objections(value, verdict) for value in values]


def explainer_for(
    found: Resolved, recorder: Recorder, project: Project, variables: Mapping[str, Variable]
) -> Explainer:
    """What explains a stack of `project` that `recorder` has watched."""
    source = found.manifest.source
    switches = {mark: key for key in SWITCHES if (mark := source.keys_at.get(key)) is not None}
    files = Files(found.stack.manifest, local_name(found.stack.manifest), switches, locked_images(project), source)
    return Explainer(found.stack, recorder, files, FOLDER, variables)


def locked_images(project: Project) -> Map:
    """The lock's images by name, for their places; empty without a lock."""
    lock = parse(project.read(LOCK_FILE), LOCK_FILE, Report()) if project.exists(LOCK_FILE, "file") else None
    images = lock.get("images") if isinstance(lock, Map) else None
    return images if isinstance(images, Map) else Map()


def _variables(project: Project, stack: Stack) -> dict[str, Variable]:
    """What Compose puts in on this machine, with the place where each variable is set; of what follows from the lock
    that which `up` would set, whatever was written last."""
    set_at = {name: Variable(value, source) for source, values in project.layers() for name, value in values.items()}
    found = {name: one for name, one in set_at.items() if not name.startswith(LOCKED)}
    locked = locked_variables(stack.written_images, stack.digests, {name: one.value for name, one in found.items()})
    return found | {name: Variable(value, LOCK_FILE) for name, value in locked.items()}


def _without(world: World, resolved: Resolved, explainer: Explainer, path: str, service: str, rest: str) -> DevenvError:
    """What to say of a path that a service does not have: a file of variables may have it."""
    kind, _, name = rest.partition(".")
    if kind == "environment" and name:
        files = [file for file in env_files(resolved.stack.services[service]) if name in dotenv(world.project, file)]
        if files:
            what = f"{name} is not in the generated file: Compose reads it from {files[-1]}, an env_file of {service}"
            return DevenvError.of("DE760", what, hint="what stands under `environment` counts more than such a file")
    return _unknown(explainer, path, (service, rest))


def _unknown(explainer: Explainer, path: str, whole: tuple[str, str] | None) -> DevenvError:
    if (mark := explainer.taken_away(path)) is not None:
        over = getattr(mark, "over", None)
        hint = f"it stands at {':'.join(map(str, over[1][:3]))}" if over is not None and over[1] is not None else None
        return DevenvError(Problem("DE760", f"`!reset` takes '{path}' away", mark, hint=hint))
    if whole is None:
        name = path.removeprefix("services.").partition(".")[0]
        hint = suggest(name, explainer.services) or f"services of this stack: {', '.join(explainer.services) or 'none'}"
        return DevenvError.of("DE760", f"there is no service '{name}' to explain '{path}'", hint=hint)
    service, rest = whole
    known = [one.removeprefix(f"{service}.") for one in explainer.known(service)]
    keys = list(dict.fromkeys(one.partition(".")[0].partition("[")[0] for one in known))
    hint = suggest(rest, known) or f"it has {', '.join(keys)}"
    return DevenvError.of("DE760", f"{service} has no '{rest}'", hint=hint)
