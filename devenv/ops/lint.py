"""A stack against the policies that hold for it, and the advice that devenv has."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from contextlib import suppress

from devenv.core.lint.fixes import possible
from devenv.core.lint.rules import RULES, WAIVERS
from devenv.core.lint.subject import ENV, Base, Context, Subject, plain
from devenv.core.planning.definition import env_files
from devenv.core.policy.judge import judge
from devenv.core.suggest import suggest
from devenv.engine.protocols import Project
from devenv.engine.revision import Repository, is_outside
from devenv.engine.world import Catalog, World
from devenv.errors import DevenvError, Mark, Report
from devenv.model.lint import Severity, Verdict
from devenv.model.stack import Service, Stack
from devenv.model.template import Template
from devenv.ops.images.builds import dockerfile_of, foreign_bases
from devenv.ops.load import Loaded, Resolved, read_template, resolve_stack
from devenv.ops.policies import read_policies
from devenv.records import frozen, replace

_MOST_BYTES = 1 << 30
_MOST_FILES = 20_000


@frozen
class Linted:
    """What `lint` found. `above` is the manifest's folder, seen from the top of the repository; `local` names those of
    the findings' files that lie in the project or on this machine, and not in another repository."""

    stack: str
    manifest: str
    verdict: Verdict
    above: str = ""
    local: frozenset[str] = frozenset()


def lint(world: World, report: Report | None = None, *, only: Collection[str] = ()) -> Linted:
    """Checks the stack of `world.project` and changes nothing. `only` names rules, when not all are wanted.

    Raises DevenvError with every problem of the manifest and of policies, DE710 for a rule that there is not. Warnings
    are left in `report`.
    """
    report = Report() if report is None else report
    wanted = {_rule(name) for name in only}
    policies = read_policies(world, report)
    loaded = resolve_stack(world, report, paths=False)
    policies += read_policies(world, report, loaded.catalog)
    project = world.project
    subject = subject_of(world, loaded, report)
    report.raise_if_errors()
    verdict = _with_possible_fixes(project, judge(subject, policies, world.now().date()))
    if wanted:
        kept = tuple(finding for finding in verdict.findings if finding.rule in wanted)
        verdict = replace(verdict, findings=kept, waived=tuple(w for w in verdict.waived if w.finding.rule in wanted))
    everything = (*verdict.findings, *(waived.finding for waived in verdict.waived))
    local = local_files(project, (finding.mark for finding in everything))
    return Linted(loaded.stack.name, project.manifest, verdict, subject.above, local)


def local_files(project: Project, marks: Iterable[Mark | None]) -> frozenset[str]:
    """The files of `marks` that lie in the project or on this machine, and not in another repository."""
    files = {mark.file for mark in marks if mark is not None}
    return frozenset(file for file in files if project.exists(file, "file"))


def _with_possible_fixes(project: Project, verdict: Verdict) -> Verdict:
    """The verdict without fixes that the manifest's text does not let be made."""
    fixes = [finding.fix for finding in verdict.findings if finding.fix is not None]
    if not fixes:
        return verdict
    can = possible(project.read(project.manifest, exact=True), fixes, project.manifest)
    kept = (one if one.fix is None or one.fix in can else replace(one, fix=None) for one in verdict.findings)
    return replace(verdict, findings=tuple(kept))


def subject_of(world: World, loaded: Loaded | Resolved, report: Report) -> Subject:
    """What the rules look at: a stack, and what its project's files tell."""
    project = world.project
    return Subject(
        stack=loaded.stack,
        manifest=loaded.manifest,
        report=report,
        templates=_own_templates(project, loaded.catalog, report),
        contexts=_contexts(project, loaded.stack),
        bases={
            name: [_base(project, loaded.stack.services[name], image, report) for image in images]
            for name, images in foreign_bases(project, loaded.stack).items()
        },
        above=project.above(),
        variables=project.environment(),
        env_files=_env_files(world, loaded.stack, report),
    )


def _env_files(world: World, stack: Stack, report: Report) -> dict[str, str]:
    """The texts of a stack's files of variables that Git does not ignore, without Git of all in the folder; and of a
    `.env` that Git tracks."""
    project = world.project
    named = {posixpath.normpath(plain(path)) for service in stack.services.values() for path in env_files(service)}
    paths = sorted(path for path in named if project.exists(path, "file"))
    has_env = project.exists(ENV, "file")
    if not paths and not has_env:
        return {}
    try:
        repository = Repository.around(world.processes, project.root)
        shared = repository.shared(paths) | ({ENV} if has_env and repository.tracked(ENV) else set())
    except DevenvError:
        shared = {path for path in paths if not is_outside(path) and not path.startswith("~")}
    found = {}
    for path in sorted({*paths, ENV} & shared):
        with suppress(DevenvError):  # what is no text, or may not be read, is Compose's to tell
            found[path] = project.read(path)
            report.source(path, found[path])
    return found


def _base(project: Project, service: Service, image: str, report: Report) -> Base:
    """A base image, at the first line of the Dockerfile that names it; of one in the manifest, that is the place."""
    file = dockerfile_of(service)
    if (service.compose["build"] if isinstance(service.compose["build"], dict) else {}).get("dockerfile_inline"):
        return Base(image)
    text = project.read(file)
    report.source(file, text)
    for number, line in enumerate(text.splitlines(), start=1):
        if (at := line.find(image)) >= 0 and not line.lstrip().startswith("#"):
            return Base(image, Mark(file, number, at + 1))
    return Base(image, Mark(file, 1, 1))


def _own_templates(project: Project, catalog: Catalog, report: Report) -> dict[str, Template]:
    """Those of the repository's own catalogs, in use or not."""
    found = {}
    for name in catalog.names():
        origin = catalog.origin(name)
        if origin.built_in or origin.remote or not project.exists(origin.shown(f"{name}/template.yaml"), "file"):
            continue
        if (template := read_template(catalog, name, report)) is not None:
            found[name] = template
    return found


def rule_words() -> dict[str, tuple[str, str, str]]:
    """By code: name, title, and what it is for."""
    rules = {rule.code: (rule.name, rule.title, rule.why) for rule in RULES.values()}
    return rules | {code: (name, title, remedy) for code, (name, title, remedy) in WAIVERS.items()}


def rule_rows() -> list[tuple[str, str, str, str]]:
    """Code, name, what it weighs by itself, title."""
    rules = [(rule.code, rule.name, rule.severity.value, rule.title) for rule in RULES.values()]
    return rules + [(code, name, Severity.WARNING.value, title) for code, (name, title, _) in WAIVERS.items()]


def _rule(name: str) -> str:
    """The name of a rule, or of what is told of waivers, by that or its code."""
    by_code = {code: known for code, known, *_ in rule_rows()}
    if name in by_code.values() or name.upper() in by_code:
        return by_code.get(name.upper(), name)
    hint = suggest(name, by_code.values()) or "`devenv lint --list` lists the rules"
    raise DevenvError.of("DE710", f"there is no rule '{name}'", hint=hint)


def _contexts(project: Project, stack: Stack) -> dict[str, Context]:
    """The build contexts of this machine that no `.dockerignore` makes smaller, weighed."""
    found: dict[str, Context] = {}
    for service in stack.services.values():
        build = service.compose.get("build")
        if build is None or service.setup_of is not None:
            continue
        written = build if isinstance(build, dict) else {"context": build}
        folder = plain(written.get("context") or ".")
        file = posixpath.join(folder, plain(written.get("dockerfile") or "Dockerfile"))
        if folder in found or "://" in folder or not project.exists(folder, "directory"):
            continue
        if any(project.exists(one, "file") for one in (f"{folder}/.dockerignore", f"{file}.dockerignore")):
            continue
        found[folder] = Context(*project.weigh(folder, _MOST_BYTES, _MOST_FILES))
    return found
