"""Manifest and templates → Stack: the order of the steps, and what each leaves behind for the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from devenv.core.stack import connections, graph, ports, references, resources, setup_jobs
from devenv.core.stack.checks import resolve_checks
from devenv.core.stack.contracts import resolve_contracts
from devenv.core.stack.draft import Draft
from devenv.core.stack.drafts import Pinned, draft_all
from devenv.core.stack.healthchecks import add_healthcheck, check_open
from devenv.core.stack.services import job_service, own_service
from devenv.core.stack.variables import Variables
from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, mark_of
from devenv.model.manifest import Manifest
from devenv.model.stack import Need, SecretVariable, Service, Stack
from devenv.model.template import Template
from devenv.records import replace

Watch = Callable[[str, Mapping[str, Draft]], None]
"""Is shown the drafts after each step, by the step's name: `templates`, `ports`, `references`, `needs`, `ready`."""


def unwatched(step: str, drafts: Mapping[str, Draft]) -> None:
    """Nobody looks."""


def resolve(
    manifest: Manifest,
    templates: Mapping[str, Template],
    report: Report,
    *,
    known: Iterable[str] = (),
    watch: Watch = unwatched,
    pinned: Pinned = str,
) -> Stack | None:
    """The stack that a manifest describes, or None with every problem in `report`.

    `templates` holds those that the manifest uses and that could be loaded; `known` the names of all there are: of one
    that is known and not loaded nothing more is told. `watch` sees how the services come about. `pinned` gives names of
    images their digests.
    """
    before = len(report.errors)
    variables = Variables()
    drafts = draft_all(manifest, templates, known, variables, report, pinned)
    watch("templates", drafts)
    broken = frozenset(manifest.services) - frozenset(drafts)
    _choose_ports(drafts, variables, report)
    watch("ports", drafts)
    connections.add_outputs(drafts, report)
    top = resources.top_level(manifest, drafts)
    referred = _replace_references(drafts, top, broken, report)
    watch("references", drafts)
    graph.add_needs(drafts, _awaited(referred, manifest.along), broken, report)
    setup_jobs.await_provisions(drafts)
    connections.add_environment(drafts)
    watch("needs", drafts)
    for draft in drafts.values():
        add_healthcheck(draft, report)
    watch("ready", drafts)
    resources.check_declared(drafts, top, report)
    services = {service.name: service for service in _services(manifest, drafts, top, report)}
    checks = resolve_checks(manifest, drafts, broken, report)
    contracts = resolve_contracts(manifest, drafts, broken, report)
    if len(report.errors) > before:
        return None
    return Stack(
        name=manifest.name,
        name_written=manifest.name_written,
        services=services,
        modes=dict(manifest.modes),
        checks=checks,
        top=top,
        secrets=tuple(_secrets(drafts)),
        requires=tuple(resources.required_paths(drafts, top)),
        manifest=manifest.file,
        contracts=contracts,
        along=tuple(name for name in manifest.along if name in services),
    )


def _awaited(referred: Mapping[str, Iterable[str]], along: Iterable[str]) -> dict[str, list[str]]:
    """Whom each service waits for because it refers to them: not those that only come along."""
    return {name: [other for other in others if other not in along] for name, others in referred.items()}


def _choose_ports(drafts: Mapping[str, Draft], variables: Variables, report: Report) -> None:
    wanted = [ports.Wanted(d.name, d.spec.ports or {}, d.spec.source, d.compose.get("ports")) for d in drafts.values()]
    chosen = ports.defaults(wanted, variables, report)
    for draft in drafts.values():
        draft.ports = chosen[draft.name]
        if draft.spec.ports is not None and (published := ports.compose_ports(draft.ports)):
            draft.compose["ports"] = Seq(published)


def _replace_references(
    drafts: Mapping[str, Draft], top: Map, broken: frozenset[str], report: Report
) -> dict[str, list[str]]:
    """Replaces `${name.output}` everywhere for the inside of a container; returns whom each service refers to."""
    outputs = references.Outputs({name: draft.outputs for name, draft in drafts.items()}, broken=broken)
    outside = references.Outputs(
        {name: draft.host_outputs for name, draft in drafts.items()},
        broken=broken,
        known={name: draft.outputs for name, draft in drafts.items()},
    )
    configs = _replace_top(top, outputs, report)
    referred: dict[str, list[str]] = {}
    for draft in drafts.values():
        reader = references.Reader(outputs, report, draft.path)
        if draft.instance is not None:
            reader.value(draft.written.with_, ".with")  # a wrong one is told of at its place in the manifest
        draft.compose = reader.value(draft.compose)
        _replace_in_keys(draft, reader, references.Reader(outside, report, draft.path))
        referred[draft.name] = list(reader.services)
        for name, _ in resources.used(draft.compose, "configs"):
            referred[draft.name] += configs.get(name, ())
    return referred


def _replace_top(top: Map, outputs: references.Outputs, report: Report) -> dict[str, list[str]]:
    """Replaces references in the top-level keys; returns whom each config refers to."""
    referred: dict[str, list[str]] = {}
    for key, value in top.items():
        if key == "configs" and isinstance(value, Map):
            copy = Map(value, mark=value.mark, keys_at=value.keys_at, values_at=value.values_at)
            for name, config in value.items():
                reader = references.Reader(outputs, report, f"configs.{name}")
                copy[name] = reader.value(config)
                referred[name] = list(reader.services)
            top[key] = copy
        else:
            top[key] = references.Reader(outputs, report, key).value(value, "", mark_of(top, key))
    return referred


def _replace_in_keys(draft: Draft, inside: references.Reader, outside: references.Reader) -> None:
    """The same in devenv's own keys: commands see what a container sees, `open` what the host sees."""
    spec, update = draft.spec, dict[str, Any]()
    if (ready := spec.ready) is not None:
        at = mark_of(spec.source, "ready")
        asked = {"http": ready.http, "run": ready.run}
        texts = {k: _each(v, lambda t: inside.text(t, ".ready", at)) for k, v in asked.items() if v}
        update["ready"] = replace(ready, **texts)
    for key, commands in (("setup", spec.setup), ("provision", spec.provision)):
        if commands:
            update[key] = tuple(_inside(inside, c, key, mark_of(spec.source, key)) for c in commands)
    if spec.open:
        update["open"] = outside.text(spec.open, ".open", mark_of(spec.source, "open"))
    if update:
        draft.spec = replace(spec, **update)


def _inside(reader: references.Reader, command: Any, key: str, mark: Mark | None) -> Any:
    return _each(command, lambda written: reader.text(written, f".{key}", mark))


def _each(value: Any, change: Any) -> Any:
    return tuple(change(word) for word in value) if isinstance(value, tuple) else change(value)


def _services(manifest: Manifest, drafts: Mapping[str, Draft], top: Map, report: Report) -> Iterator[Service]:
    for draft in drafts.values():
        check_open(draft, report)
        setup_jobs.name_image(draft, manifest.name)
        if draft.spec.setup and (job := _job(draft, "setup", manifest, report)) is not None:
            yield job_service(draft, "setup", job, tuple(draft.needs.values()), top)
            name = setup_jobs.job_name(draft.name)
            draft.needs[name] = Need(name, "completed")
        yield own_service(draft, top)
        if draft.spec.provision and (job := _job(draft, "provision", manifest, report)) is not None:
            ready = Need(draft.name, "ready" if draft.has_healthcheck else "started")
            yield job_service(draft, "provision", job, (ready,), top)


def _job(draft: Draft, key: str, manifest: Manifest, report: Report) -> Map | None:
    return setup_jobs.job_of(draft, key, setup_jobs.job_name(draft.name, key) in manifest.services, report)


def _secrets(drafts: Mapping[str, Draft]) -> Iterator[SecretVariable]:
    for draft in drafts.values():
        if draft.instance is not None:
            yield from draft.instance.secrets
