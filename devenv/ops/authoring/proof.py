"""`devenv template test`: what is proved of a template, one result after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from devenv.core.templates import edges
from devenv.core.templates.instance import Use
from devenv.errors import DevenvError, Report
from devenv.events import Sink
from devenv.model.template import Template
from devenv.ops.authoring.bench import MANIFEST, Bench, Proved, State, manifest, service, tried
from devenv.ops.authoring.finding import Meant
from devenv.ops.authoring.running import on_engine
from devenv.ops.load import load_stack, read_template
from devenv.ops.validate import validate


def prove(
    found: Sequence[Meant], bench: Bench, sink: Sink, consent: Callable[[str], bool], *, engine: bool = True
) -> Iterator[Proved]:
    """All results of the templates: first what needs no engine, then one stack of those that are right; what needs
    others beside it has a stack of its own.

    `sink` takes the events of the stack, `consent` is asked before anything is installed. Raises DevenvError for
    whatever keeps the stack from starting anything at all.
    """
    right: list[Meant] = []
    for meant in found:
        results = [*on_paper(bench, meant)]
        yield from results
        if all(result.state is not State.FAILED for result in results) and meant not in right:
            right.append(meant)
    stacks: dict[tuple[int, str], list[Meant]] = {}
    for meant in right if engine else ():
        stacks.setdefault((id(meant.catalog), meant.use if _beside(meant) else ""), []).append(meant)
    for these in stacks.values():
        yield from on_engine(bench, these, sink, consent)


def _beside(meant: Meant) -> bool:
    template = read_template(meant.catalog, Use.parse(meant.use).name, Report())
    return template is not None and bool(template.test.beside)


def on_paper(bench: Bench, meant: Meant) -> Iterator[Proved]:
    """What is proved without an engine: the file itself, its example, every version, and values at every edge."""
    use, name = meant.use, Use.parse(meant.use).name
    report = Report()
    template = read_template(meant.catalog, name, report)
    if template is None or report.errors:
        yield Proved(use, "schema", State.FAILED, "", tuple(Report.sorted(report.problems)))
        return
    yield Proved(use, "schema", State.OK, _size(template))
    yield _example(bench, meant, template)
    required = edges.values(template, "required")
    versions = {f"v{i}": service(name, v.version, required) for i, v in enumerate(template.versions)}
    versions["meant"] = service(use, "", required)
    yield _renders(bench, meant, "versions", versions, ", ".join(v.version for v in template.versions))
    ends = {end: service(name, "", edges.values(template, end)) for end in ("low", "high")}
    yield _renders(
        bench, meant, "edges", ends, f"{_counted(len(template.parameters), 'parameter')}, lowest and highest"
    )
    hostile = edges.hostile(template)
    count = sum(n not in required for n in hostile)
    taken = f"{_counted(count, 'parameter')} {'takes' if count == 1 else 'take'} them"
    yield _renders(bench, meant, "hostile texts", {"one": service(name, "", hostile)}, taken)
    if template.test.beside:
        services = tried(meant.catalog, use, name)
        yield _renders(bench, meant, "beside", services, ", ".join(template.test.beside))


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _size(template: Template) -> str:
    return f"{_counted(len(template.parameters), 'parameter')}, {_counted(len(template.outputs), 'output')}"


def _example(bench: Bench, meant: Meant, template: Template) -> Proved:
    if not template.example:
        return Proved(meant.use, "example", State.SKIPPED, "the template has none")
    lines = "".join(f"    {line}\n" for line in template.example.rstrip("\n").split("\n"))
    text = f"devenv: 1\nname: example\nservices:\n  {template.name}:\n{lines}"
    return _valid(bench, meant, "example", text, "", paths=False)


def _renders(bench: Bench, meant: Meant, check: str, services: Mapping[str, object], detail: str) -> Proved:
    return _valid(bench, meant, check, manifest("rendered", services), detail, names=tuple(services))


def _valid(
    bench: Bench, meant: Meant, check: str, text: str, detail: str, *, names: Sequence[str] = (), paths: bool = True
) -> Proved:
    """Whether a manifest is valid, Compose accepts what it stands for, and there are no services but its own."""
    use = meant.use
    files = {MANIFEST: text, edges.FILE: ""}
    with bench.scratch(files, (edges.FOLDER,)) as folder:
        world = bench.world(folder, meant.catalog)
        if not paths:
            try:
                load_stack(world, Report(), paths=False)
            except DevenvError as error:
                return Proved(use, check, State.FAILED, "", error.problems)
            return Proved(use, check, State.OK, detail)
        found = validate(world)
        if not found.ok:
            return Proved(use, check, State.FAILED, "", tuple(p for p in found.problems if not p.warning))
        services = load_stack(world, Report()).stack.services
        if names and {n for n, s in services.items() if s.setup_of is None} != set(names):
            return Proved(use, check, State.FAILED, f"there are services {', '.join(services)}")
    return Proved(use, check, State.OK, detail if found.composed else f"{detail}; without Compose's own check")
