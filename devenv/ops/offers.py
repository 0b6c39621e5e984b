"""What the catalog has for the services of an import, tried before it is offered: all of it at once, since a stack of
hundreds takes Compose seconds to read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from devenv.core.compose.keys import like
from devenv.core.compose.paths import moved_variables
from devenv.core.importing import servers
from devenv.core.importing.compare import differences
from devenv.core.manifest import manifest
from devenv.core.stack.render import render
from devenv.core.stack.resolve import resolve
from devenv.engine.compose_config import ComposeConfig, Shown
from devenv.engine.protocols import Project
from devenv.errors import Report
from devenv.model.data import Map
from devenv.model.stack import Stack
from devenv.model.template import Template
from devenv.ops.load import FOLDER, with_extended
from devenv.records import frozen


@frozen
class Offer:
    """A service that a template of the catalog could be: `use` is what would stand there, `taken` whether it does, and
    `reason` why it does not although it was asked for."""

    service: str
    image: str
    use: str
    taken: bool = False
    reason: str = ""


@frozen
class Trial:
    """With what a manifest is tried: `before` is what Compose makes of the files, with variables replaced and as they
    are written; empty where there is no Compose to ask."""

    project: Project
    compose: ComposeConfig
    environment: Mapping[str, str]
    templates: Mapping[str, Template]
    before: Sequence[Shown]

    def offers(self, data: Map, *, take: bool) -> tuple[list[Offer], Map]:
        """What the catalog has for the services of a manifest, and the manifest with that of it which is to be taken:
        whatever means all that the Compose files mean."""
        found = list(servers.candidates(data["services"], self.templates.values(), self.environment))
        reasons = {one.name: one.reason for one in found}
        wanted = {one.name: one.service for one in found if one.service is not None}
        while wrong := self._wrong(data, wanted):
            reasons |= wrong
            wanted = {name: service for name, service in wanted.items() if name not in wrong}
        taken = wanted if take else {}
        offers = [Offer(one.name, one.image, one.use, one.name in taken, reasons[one.name]) for one in found]
        return offers, _with(data, taken)

    def _wrong(self, data: Map, wanted: Mapping[str, Map]) -> dict[str, str]:
        """Some of those that cannot stand where they are wanted, with the reasons; none when all can."""
        told: dict[str, str] = {}
        of_all = ""  # what nothing says the service of
        for name, reason in self._objections(_with(data, wanted), wanted) if wanted else ():
            if name is None:
                of_all = of_all or reason
            else:
                told.setdefault(name, reason)
        if told or not of_all:
            return told
        names = list(wanted)
        for half in (names[: len(names) // 2], names[len(names) // 2 :]) if len(names) > 1 else ():
            told |= self._wrong(data, {name: wanted[name] for name in half})
        return told or {names[-1]: of_all}

    def _objections(self, data: Map, names: Collection[str]) -> Iterator[tuple[str | None, str]]:
        """Why a manifest in which these services are templates does not mean all that the Compose files mean, and
        which of them does not where that can be told."""
        report = Report()
        stack = stack_of(data, self.project, self.environment, self.templates, report)
        if stack is None or report.errors:
            for problem in report.errors:
                yield _service(problem.path.split("."), names), f"the template says: {problem.message}"
            return
        known = next((one for one in self.before if one.config is not None), None)
        if known is None or known.config is None:
            yield from ((name, "Compose cannot be asked whether it would be the same") for name in names if self.before)
            return
        text = render(stack, relative_to=FOLDER)
        more = moved_variables(text, self.environment, FOLDER)
        shown = self.compose.of_text(text, FOLDER, more, interpolate=known is self.before[0])
        if shown.config is None:
            yield None, last_line(shown.words)
            return
        for name in names:
            if (target := servers.covered(shown.config["services"][name])) is not None:
                yield name, f"it mounts {target}, where the template has a file of its own"
        both = servers.by_mountpoint(known.config, names), servers.by_mountpoint(shown.config, names)
        for one in differences(*both):
            whose = _service(one.path, names)
            replaced = whose is not None and one.path[2:3] == ("command",) and "command" not in data["services"][whose]
            if servers.lost(one.before, one.after) and not one.unreadable and not replaced:
                yield whose, f"{'.'.join(one.path[1:])} would not be the same"


def stack_of(
    data: Map, project: Project, variables: Mapping[str, str], templates: Mapping[str, Template], report: Report
) -> Stack | None:
    """What a manifest that an import makes stands for; problems have their places in the Compose files."""
    default = manifest.project_name(project.root.name)
    data = with_extended(data, project, report)
    written = manifest.load(data, project.manifest, report, default_name=default, variables=variables)
    return None if written is None else resolve(written, templates, report, known=list(templates))


def last_line(words: str) -> str:
    """The last that Compose said but for warnings."""
    lines = [line.strip() for line in words.splitlines() if line.strip() and "level=warning" not in line]
    return lines[-1] if lines else "nothing"


def _with(data: Map, services: Mapping[str, Map]) -> Map:
    if not services:
        return data
    return like(data, {**data, "services": like(data["services"], {**data["services"], **services}.items())}.items())


def _service(path: Iterable[str], names: Collection[str]) -> str | None:
    """Which of the services a place is in; their names may hold dots."""
    top, *parts = [*path, ""]
    ends = range(len(parts), 0, -1) if top == "services" else ()
    return next((name for end in ends if (name := ".".join(parts[:end])) in names), None)
