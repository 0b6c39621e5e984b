"""Everything that is wrong with a manifest, in one run; with Compose installed, what Compose objects to as well."""

from __future__ import annotations

from devenv.core.compose.errors import objections, unset
from devenv.core.compose.paths import moved_variables
from devenv.core.planning.definition import env_files
from devenv.core.stack.bindings import check_twice
from devenv.engine.compose_config import handed_over, own
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.ops.bringup import beforehand
from devenv.ops.bringup.settings import tell_outdated
from devenv.ops.load import FOLDER, Loaded, load_stack
from devenv.ops.locking.wanted import tell_missing
from devenv.records import frozen

_TIMEOUT = 60.0
_UNSET_HINTS = {
    False: "set it in .env, give a default with ${NAME:-default}, or write $$ for a dollar of the container's own",
    True: "set it before, give a default with ${NAME:-default}, or put the value in single quotes to keep the dollar",
}


@frozen
class Validation:
    """`problems` sorted by place, warnings among them; `stack` is its name when it could be resolved; `composed` says
    whether Compose was asked.
    """

    problems: tuple[Problem, ...]
    stack: str | None
    services: int = 0
    composed: bool = False

    @property
    def ok(self) -> bool:
        """Whether there are no problems but warnings."""
        return all(problem.warning for problem in self.problems)


def validate(world: World, report: Report | None = None) -> Validation:
    """Checks the stack of `world.project` and changes nothing. Problems are returned, not raised."""
    report = report or Report()
    try:
        loaded = load_stack(world, report, late=False)
    except DevenvError as error:
        problems = dict.fromkeys([*error.problems, *report.problems])
        return Validation(tuple(Report.sorted(problems)), None)
    beforehand.look(world.project, loaded, loaded.stack.services, report)
    check_twice(loaded.stack, report)
    tell_missing(world, loaded, report)
    tell_outdated(world, loaded.stack, loaded.text, report)
    composed = _ask_compose(world, loaded, report)
    return Validation(tuple(Report.sorted(report.problems)), loaded.stack.name, len(loaded.stack.services), composed)


def _ask_compose(world: World, loaded: Loaded, report: Report) -> bool:
    """`docker compose config` on the text, without a file; False when there is no Compose to ask."""
    if world.processes.find("docker") is None:
        return False
    root = world.project.root
    known = world.project.environment()
    moved = moved_variables(loaded.text, known, FOLDER)
    environment = {**known, **moved, "COMPOSE_FILE": "", "COMPOSE_PROFILES": "*"}
    with handed_over(environment) as options:
        # Compose reads env files of services relative to the project directory, which need not be there.
        argv = ["docker", "compose", *options, "--project-directory", str(root / FOLDER), "-f", "-", "config", "-q"]
        done = world.processes.run(argv, cwd=root, env=own(environment), input=loaded.text, timeout=_TIMEOUT)
    said = done.errors or done.output
    if done.code == 0:
        names = dict.fromkeys([".env", *(file for one in loaded.stack.services.values() for file in env_files(one))])
        files = {one: world.project.read(one) for one in names if world.project.exists(one, "file")}
        for found in unset(said, loaded.manifest.source, files):
            in_file = found.mark is not None and found.mark.file in files
            hint = _UNSET_HINTS[in_file]
            report.add("DE331", found.message, found.mark, hint=hint, warning=True)
        return True
    if "is not a docker command" in said or "unknown shorthand flag" in said:
        return False
    for objection in objections(said, loaded.manifest.source, loaded.stack):
        report.add("DE330", f"Compose: {objection.message}", objection.mark, path=objection.path)
    if not report.errors:
        report.add("DE330", "Compose does not accept the generated file and does not say why")
    return True
