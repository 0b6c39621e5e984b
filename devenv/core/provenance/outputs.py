"""What `${name.output}` stands for: the output of another service, and what that was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from devenv.core.provenance.origins import Origins, said
from devenv.core.stack import references
from devenv.core.stack.draft import Draft
from devenv.core.templates.placeholders import names as placeholders
from devenv.model.data import mark_of
from devenv.model.explanation import Step

_DEEPEST = 8


class OutputTeller:
    """Explains references among `drafts`; `origins` makes the teller of one service's values."""

    def __init__(self, drafts: Mapping[str, Draft], origins: Callable[[Draft], Origins]) -> None:
        self._drafts = drafts
        self._origins = origins
        self._outputs = references.Outputs({name: draft.outputs for name, draft in drafts.items()})

    def in_text(self, written: str, depth: int = 0) -> tuple[Step, ...]:
        """A step for every reference in a text, in order; none for what is Compose's."""
        steps = []
        for inner in dict.fromkeys(references.found(written)):
            reference = self._outputs.split(inner)
            if reference is not None and self._outputs.text(reference) is not None and depth < _DEEPEST:
                output = self.output(reference.service, reference.output, depth)
                what = f"${{{inner}}}: {output.what}"
                steps.append(Step("reference", what, output.value, output.mark, output.parts))
        return tuple(steps)

    def output(self, service: str, name: str, depth: int = 0) -> Step:
        """Where one output of a service is defined, and its parts."""
        draft = self._drafts[service]
        origins = self._origins(draft)
        value = said(draft.outputs[name], name)
        what = f"the output '{name}' of {service}"
        shared = () if draft.server is None else (origins.shared(),)
        if draft.instance is None or name not in draft.instance.template.outputs:
            at = draft.server or draft
            built_in = self._built_in(at, self._origins(at), name)
            return Step("output", what, value, at.written.mark, (*shared, *built_in))
        raw = draft.instance.template.outputs[name]
        mark = mark_of(draft.instance.template.source.get("outputs"), name)
        _, where = origins.kind(mark)
        parts = []
        for placeholder in dict.fromkeys(placeholders(raw)):
            part = origins.placeholder(placeholder)
            nested = self.in_text(part.value or "", depth + 1)
            parts.append(Step(part.kind, part.what, part.value, part.mark, (*part.parts, *nested)))
        written = Step("template", where, said(raw, name), mark, tuple(parts))
        return Step("output", what, value, mark, (*shared, written))

    def _built_in(self, draft: Draft, origins: Origins, name: str) -> tuple[Step, ...]:
        """The outputs that every service has: its address, and its ports."""
        port, _, kind = name.rpartition(".")
        if name == "host" or kind == "host":
            return (Step("devenv", "the service's name, which is its address", draft.name, draft.written.mark),)
        found = next((p for p in draft.ports if p.name == port), draft.ports[0] if draft.ports else None)
        if found is None:
            return ()
        return (origins.port(name, found.name, str(found.container)),)
