"""A path in a stack → where its value comes from, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.manifest.service_spec import OWN_KEYS
from devenv.core.provenance import here, making, paths
from devenv.core.provenance.origins import Files, Origins, said
from devenv.core.provenance.outputs import OutputTeller
from devenv.core.provenance.recorder import Recorder, shaped
from devenv.core.stack import render
from devenv.core.stack.draft import Draft
from devenv.errors import Mark
from devenv.model.data import Map, mark_of, text
from devenv.model.explanation import Explanation, Step, Variable
from devenv.model.stack import Stack
from devenv.records import replace


class Explainer:
    """Explains the values of a stack that `recorder` has watched being resolved. `files` says what places mean,
    `folder` where the generated file goes, `variables` what Compose puts in on this machine."""

    def __init__(
        self, stack: Stack, recorder: Recorder, files: Files, folder: str, variables: Mapping[str, Variable]
    ) -> None:
        self._stack = stack
        self._recorder = recorder
        self._files = files
        self._folder = folder
        self._variables = variables
        self._outputs = OutputTeller(recorder.drafts, self._origins)
        self._generated: dict[str, Map] = {}

    @property
    def services(self) -> list[str]:
        """The names of all services."""
        return list(self._stack.services)

    def known(self, service: str) -> list[str]:
        """Every path of a service that `explain` takes, the keys above values among them."""
        found: dict[str, None] = {}
        for data in (self._compose(service), self._own(service)):
            for path in paths.leaves(data):
                for i in range(1, len(path) + 1):
                    found.setdefault(f"{service}.{paths.shown(path[:i])}")
        return list(found)

    def top_paths(self) -> list[str]:
        """The paths of what belongs to no service: volumes, networks, modes, checks and the like."""
        found = [paths.shown(path[:2]) for data in self._tops() for path in paths.leaves(data)]
        return list(dict.fromkeys(found))

    def service_of(self, written: str) -> tuple[str, str] | None:
        """The service that a path begins with, and the rest of the path."""
        written = written.removeprefix("services.")
        found = paths.find(dict.fromkeys(self._stack.services, None), written.partition("[")[0])
        if found:
            return str(found[0]), ""
        fitting = [name for name in self._stack.services if written.startswith((f"{name}.", f"{name}["))]
        if not fitting:
            return None
        name = max(fitting, key=len)
        return name, written[len(name) :].removeprefix(".")

    def definition(self, service: str) -> Map:
        """A service as the generated file has it, assignments as mappings."""
        return self._compose(service)

    def mark(self, service: str) -> Mark | None:
        """Where a service is written."""
        return self._stack.services[service].mark

    def explain(self, service: str, written: str) -> list[Explanation] | None:
        """Every value at or below a path of a service; None when there is no such path."""
        compose, own = self._compose(service), self._own(service)
        found = paths.find(compose, written)
        mine = paths.find(own, written) if written else None
        if found is None and mine is None:
            return None
        values = [self._value(service, path) for path in paths.leaves(compose, found)] if found is not None else []
        if mine is not None and (found is None or written.partition(".")[0].partition("[")[0] in own):
            values += [self._own_value(service, path) for path in paths.leaves(own, mine)]
        return values

    def explain_top(self, written: str) -> list[Explanation] | None:
        """The same for what belongs to no service (`volumes.db-data`, `modes.backend`)."""
        for data in self._tops():
            if found := paths.find(data, written):
                return [self._shared(data, path) for path in paths.leaves(data, found)]
        return None

    def taken_away(self, written: str) -> Mark | None:
        """The `!reset` that took away what a path names; None when there is none."""
        source, written = self._files.source, written.removeprefix("services.")
        return paths.taken_away(source.get("services"), written) or paths.taken_away(source, written)

    def steps(self, service: str, path: paths.Path) -> tuple[Step, ...]:
        """How the value at a path of a service's generated definition came about, oldest step first."""
        return tuple(self._steps(service, path))

    def _steps(self, name: str, path: paths.Path) -> Iterator[Step]:
        service = self._stack.services[name]
        made = making.of(self._recorder, self._outputs, self._origins, service, path)
        if made is not None:
            yield from made
        else:
            yield from self._written(self._recorder.drafts[service.setup_of or name], path)
            if service.setup_of is not None:
                yield Step(
                    "devenv", f"shared with {service.setup_of}, whose {service.made_of} this is", None, service.mark
                )
        before, after = paths.at(shaped(service.compose), path), paths.at(self._compose(name), path)
        if holds_other(before, after):
            yield Step("devenv", f"relative to {self._folder}/, where the generated file is", said(after))

    def _written(self, draft: Draft, path: paths.Path) -> Iterator[Step]:
        """The steps of a value that somebody wrote: in the manifest, over it, or in a template."""
        compose = self._recorder.after("ports", draft.name)
        holder, key = paths.at(compose, path[:-1]), path[-1]
        value, mark = paths.at(compose, path), mark_of(holder, key)
        yield from making.beaten(self._recorder, self._outputs, self._origins(draft), draft, path)
        if path == ("image",) and draft.image is not None:
            written = text(draft.spec.compose.get("image"))
            yield from self._origins(draft).past(written, mark)
            if draft.image_variable is None:
                yield from self._origins(draft).pinned(written, text(value))
                return
            yield from self._origins(draft).pinned(written, draft.image)
            yield Step("devenv", "a variable, so that one machine may have the image from elsewhere", said(value))
            return
        *before, last = self._origins(draft).past(value, mark, str(key))
        shares = making.shares(self._recorder, self._origins, draft) if path == ("command",) else []
        yield from (*before, replace(last, parts=(*last.parts, *shares)))
        if isinstance(value, str) and (referred := self._outputs.in_text(value)):
            result = paths.at(self._recorder.after("references", draft.name), path)
            yield Step("reference", "references are replaced", said(result, str(key)), mark, referred)

    def _value(self, name: str, path: paths.Path) -> Explanation:
        value = paths.at(self._compose(name), path)
        key = paths.shown(path)
        passed = value is None and (path[0] == "environment" or path[:2] == ("build", "args"))
        # What has no value has that of this machine's variable of its name.
        read = f"${{{path[-1]}}}" if passed and str(path[-1]).isidentifier() else value
        steps = [*self._steps(name, path), *here.steps(key, read, self._variables)]
        return Explanation(f"{name}.{key}", said(value, key), here.text(key, read, self._variables), tuple(steps))

    def _own_value(self, name: str, path: paths.Path) -> Explanation:
        """A key of devenv's own: where it is written, and what it has an effect on."""
        draft = self._recorder.drafts[name]
        source = self._own(name)
        value, key = paths.at(source, path), str(path[-1])
        mark = mark_of(paths.at(source, path[:-1]), path[-1])
        if path[0] == "with" and len(path) > 1:
            told = self._origins(draft).parameter(str(path[1]))
            steps, makes = [told], self._made_of(name, told)
            if draft.instance is not None and path[1] not in draft.instance.template.parameters:
                key = "secret"
        else:
            steps, makes = self._origins(draft).past(value, mark, key), making.effects(self._stack, draft, path)
        return Explanation(f"{name}.{paths.shown(path)}", said(value, key), None, tuple(steps), True, makes)

    def _made_of(self, name: str, told: Step) -> tuple[str, ...]:
        """The paths in a service whose values a parameter of its template is a part of."""
        return tuple(
            f"{name}.{paths.shown(path)}"
            for path in paths.leaves(self._compose(name))
            if any(told == one for step in self._steps(name, path) for one in step.all())
        )

    def _shared(self, data: Map, path: paths.Path) -> Explanation:
        """A value that belongs to no service: one that Compose takes, or a key of devenv's own."""
        value, key = paths.at(data, path), paths.shown(path)
        mark, own = mark_of(paths.at(data, path[:-1]), path[-1]), data is not self._stack.top
        written = paths.at(self._files.source, path) if isinstance(value, str) else value
        referred = self._outputs.in_text(written) if isinstance(written, str) and written != value else ()
        steps = [] if mark is None else Origins(self._files).past(written if referred else value, mark, key)
        if referred:
            steps.append(Step("reference", "references are replaced", said(value, key), mark, referred))
        brought = self._brought(str(path[0]), str(path[1])) if len(path) > 1 else None
        if (
            brought is not None
            and brought.instance is not None
            and path[1] not in getattr(paths.at(data, path[:1]), "keys_at", ())
        ):
            if path[0] == "configs":
                steps = [self._origins(brought).config(str(path[1]))]
            else:
                instance = brought.instance
                what = f"template {instance.template.name}@{instance.version}, of which {brought.name} is an instance"
                steps = [Step("template", what, said(value, key), brought.written.mark)]
        if path[0] == "networks" and mark is None and len(path) > 1:
            members = (d for d in self._recorder.drafts.values() if making.of_prefix(d, d.compose, str(path[1])))
            steps = [self._origins(draft).prefixed(said(value)) for draft in members][:1]
        steps += here.steps(key, value, self._variables)
        local = None if own else here.text(key, value, self._variables)
        return Explanation(key, said(value, key), local, tuple(steps), own)

    def _brought(self, kind: str, name: str) -> Draft | None:
        """The service whose template brings a volume or a config."""
        for draft in self._recorder.drafts.values():
            instance = draft.instance
            if instance and name in {"configs": instance.configs, "volumes": instance.volumes}.get(kind, ()):
                return draft
        return None

    def _tops(self) -> tuple[Map, Map]:
        """The generated file's keys beside `services`, and the manifest's other ones."""
        source = self._files.source
        own = ((key, value) for key, value in source.items() if key != "services" and key not in self._stack.top)
        return self._stack.top, Map(own, mark=source.mark, keys_at=source.keys_at, values_at=source.values_at)

    def _origins(self, draft: Draft) -> Origins:
        return Origins(self._files, draft)

    def _compose(self, service: str) -> Map:
        if service not in self._generated:
            moved = render.service(self._stack.services[service], self._stack, self._folder)
            self._generated[service] = shaped(moved)
        return self._generated[service]

    def _own(self, service: str) -> Map:
        """devenv's own keys of a service, with its template's, and with the parameters and secrets that nobody sets."""
        draft = self._recorder.drafts.get(service)
        if draft is None:
            return Map()
        merged, written = draft.spec.source, draft.written.source
        result = Map(mark=merged.mark, keys_at=merged.keys_at | written.keys_at, values_at={})
        for key in OWN_KEYS:
            source = written if key in ("use", "with") else merged
            if key in source and not (key == "ports" and isinstance(source[key], list)):
                result[key] = source[key]
                if (mark := mark_of(source, key)) is not None:
                    result.values_at[key] = mark
        if draft.instance is not None and draft.server is None:
            template, given = draft.instance.template, draft.written.with_
            unset = {name: draft.instance.scope.get(f"secret.{name}") for name in template.secrets}
            unset |= {name: spec.default for name, spec in template.parameters.items()}
            result["with"] = Map({**unset, **given}, mark=given.mark, keys_at=given.keys_at, values_at=given.values_at)
        return result


def holds_other(before: Any, after: Any) -> bool:
    """Whether rendering has changed a value that was there before."""
    return before is not None and not isinstance(after, dict | list) and before != after
