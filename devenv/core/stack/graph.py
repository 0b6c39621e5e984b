"""Who waits for whom: needs from every source, names that do not exist, and cycles, named whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from devenv.core.stack.draft import Draft
from devenv.core.suggest import suggest
from devenv.errors import Mark, Report
from devenv.model.data import Map, mark_of, text
from devenv.model.stack import Condition, Need
from devenv.records import frozen

_FROM_COMPOSE: dict[str, Condition] = {
    "service_started": "started",
    "service_healthy": "ready",
    "service_completed_successfully": "completed",
}
_TO_COMPOSE = {condition: name for name, condition in _FROM_COMPOSE.items()}


def add_needs(
    drafts: Mapping[str, Draft], referred: Mapping[str, Iterable[str]], broken: frozenset[str], report: Report
) -> None:
    """Fills in `needs` of every draft: declared ones, Compose's `depends_on`, references, and what Compose itself
    derives from `links`, `network_mode: service:…` and the like. `referred` maps a service to those it refers to;
    `broken` are services that exist but could not be read.
    """
    known = _Known(drafts, broken, report)
    for draft in drafts.values():
        for name, need in draft.spec.needs.items():
            if known.has(name, draft, _mark(draft.spec.source.get("needs"), name), "needs"):
                draft.needs[name] = Need(name, need.until or _condition(drafts[name]))
        for name, condition, required, mark in _depends_on(draft):
            there = name in drafts if not required else known.has(name, draft, mark, "depends_on")
            if there and name not in draft.needs:  # only a profile can leave a service out
                optional = not required and bool(drafts[name].compose.get("profiles"))
                draft.needs[name] = Need(name, condition, optional, required)
        for name in referred.get(draft.name, ()):
            if name not in draft.needs and name != draft.name:
                draft.needs[name] = Need(name, _condition(drafts[name]))
        for name in derived(draft.compose):
            if name not in draft.needs and name in drafts:
                draft.needs[name] = Need(name, "started")
    for cycle in cycles({name: list(draft.needs) for name, draft in drafts.items()}):
        _report_cycle(cycle, drafts, report)


def depends_on(needs: Mapping[str, Need], compose: Map) -> Map:
    """Compose's long form: what the person wrote under `depends_on` as it is, and an entry per further need."""
    result = Map()
    written = compose.get("depends_on")
    if isinstance(written, dict):
        result.update(written)
    elif isinstance(written, list):
        result.update((text(name), Map({"condition": "service_started"})) for name in written)
    implied = set(derived(compose))
    for need in needs.values():
        if need.service not in result and need.service not in implied:
            entry = result[need.service] = Map({"condition": _TO_COMPOSE[need.condition]})
            if not need.required:
                entry["required"] = False
    return result


def derived(compose: Map) -> Iterator[str]:
    """Services that Compose waits for without being told: those whose network, links or volumes are used."""
    yield from joined(compose)
    for key in ("links", "volumes_from"):
        entries = compose.get(key)
        for entry in entries if isinstance(entries, list) else ():
            name = text(entry).split(":")[0]
            if name != "container":
                yield name


def joined(compose: Map) -> Iterator[str]:
    """Services whose namespaces a service lives in: it loses its network when they are started anew."""
    for key in ("network_mode", "ipc", "pid"):
        kind, _, name = text(compose.get(key)).partition(":") if isinstance(compose.get(key), str) else ("", "", "")
        if kind == "service":
            yield name


def cycles(edges: Mapping[str, list[str]]) -> list[list[str]]:
    """Cycles in a graph, each as its nodes in order, found without recursion; no node is in two of them."""
    found: list[list[str]] = []
    state: dict[str, int] = {}
    reported: set[str] = set()
    for root in edges:
        if root in state:
            continue
        path: list[str] = [root]
        todo: list[Iterator[str]] = [iter(edges[root])]
        state[root] = 1
        while todo:
            after = next(todo[-1], None)
            if after is None:
                todo.pop()
                state[path.pop()] = 2
            elif after not in state:
                state[after] = 1
                path.append(after)
                todo.append(iter(edges.get(after, ())))
            elif state[after] == 1:
                cycle = path[path.index(after) :]
                if not reported & set(cycle):
                    found.append(cycle)
                    reported |= set(cycle)
    return found


def _condition(target: Draft) -> Condition:
    if target.job:
        return "completed"
    return "ready" if target.has_healthcheck else "started"


def _depends_on(draft: Draft) -> Iterator[tuple[str, Condition, bool, Mark | None]]:
    """For whom, until when, whether it must be there, and where that is written."""
    written = draft.compose.get("depends_on")
    if isinstance(written, dict):
        for name, entry in written.items():
            given = entry if isinstance(entry, dict) else {}
            condition = _FROM_COMPOSE.get(text(given.get("condition")), "started")
            yield name, condition, given.get("required") is not False, _mark(written, name)
    elif isinstance(written, list):
        for i, name in enumerate(written):
            yield text(name), "started", True, mark_of(written, i)


@frozen
class _Known:
    """Tells of names that are no service."""

    drafts: Mapping[str, Draft]
    broken: frozenset[str]
    report: Report

    def has(self, name: str, draft: Draft, mark: Mark | None, key: str) -> bool:
        if name not in self.drafts and name not in self.broken:
            hint, path = suggest(name, [*self.drafts, *self.broken]), f"{draft.path}.{key}"
            self.report.add("DE206", f"there is no service '{name}'", mark or draft.spec.mark, path=path, hint=hint)
        return name in self.drafts


def _mark(container: Any, name: str) -> Mark | None:
    """Where an entry of a list or mapping of names stands."""
    if isinstance(container, list):
        return next((mark_of(container, i) for i, item in enumerate(container) if text(item) == name), None)
    return mark_of(container, name, of_key=True)


def _report_cycle(cycle: list[str], drafts: Mapping[str, Draft], report: Report) -> None:
    names = " → ".join([*cycle, cycle[0]])
    last = drafts[cycle[-1]]
    mark = _mark(last.spec.source.get("needs"), cycle[0]) or _mark(last.compose.get("depends_on"), cycle[0])
    why = f"'{cycle[0]}' needs itself" if len(cycle) == 1 else f"services wait for each other: {names}"
    report.add("DE314", why, mark or last.spec.mark, path=last.path)
