"""A plan as people and programs read it."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.model.plan import Action, Change, Plan, Shared, Step
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.text import cells, padded, visible, wrapped

_STYLES = {
    Action.CREATE: "green",
    Action.RECREATE: "yellow",
    Action.START: "cyan",
    Action.KEEP: "dim",
    Action.DONE: "dim",
    Action.REMOVE: "red",
}
_COUNTED = (
    ("to create", (Action.CREATE,)),
    ("to recreate", (Action.RECREATE,)),
    ("to start", (Action.START,)),
    ("to remove", (Action.REMOVE,)),
    ("kept", (Action.KEEP, Action.DONE)),
)
_WIDTH = max(len(action.word) for action in Action)
_ROOM = 24
"""Columns that are worth breaking lines in."""

_BUILD = "its image is built again; another image means a new container"
_DATA = "No step deletes a volume; `devenv down --volumes` does."


def format_plan(
    plan: Plan,
    notes: Sequence[str] = (),
    builds: Sequence[str] = (),
    *,
    colour: bool,
    columns: int | None = None,
) -> str:
    """A line a step, beneath it what changed and what becomes of data; first the sum, last what else to know.

    `builds` are services whose images are built again before all. What is longer than the `columns` of a terminal goes
    on beneath, unless long names leave no room.
    """
    rows = plan.rows()
    width = max((cells(visible(name)) for name in [*(row[1] for row in rows), *plan.strangers]), default=0)
    indent = " " * (_WIDTH + width + 4)
    room = columns - len(indent) if columns is not None and columns - len(indent) >= _ROOM else None
    lines = [paint(f"{visible(plan.stack)}: {summary(plan, builds)}", "bold", colour), ""]
    word = paint(padded("build", _WIDTH), "blue", colour)
    lines += [f"{word}  {padded(visible(name), width)}  {_BUILD}" for name in builds]
    for action, title, reason, more in rows:
        word = paint(padded(action.word, _WIDTH), _STYLES[action], colour)
        told = [wrapped(visible(line), room).replace("\n", "\n" + indent) for line in (reason, *more)]
        lines.append(f"{word}  {padded(visible(title), width)}  {told[0]}".rstrip())
        lines += [indent + line for line in told[1:]]
    for name in plan.strangers:
        lines.append(f"{padded('leave', _WIDTH)}  {padded(visible(name), width)}  not made from this manifest")
    data = any(step.data for step in (*plan.steps, *plan.removals))
    said = [*([_DATA] if data else []), *(f"note: {visible(note)}" for note in notes)]
    return "\n".join([*lines, *(["", *said] if said else [])])


def summary(plan: Plan, builds: Sequence[str] = ()) -> str:
    """`2 to create, 5 kept`, or that there is nothing to do."""
    if plan.empty and not builds:
        return "nothing to do"
    every = [step.action for step in (*plan.steps, *plan.removals) if not step.awaits_build]
    every += [one.action for one in plan.shared if one.action is not Action.KEEP]
    counts = [
        (len(builds), "to build"),
        (sum(step.awaits_build for step in plan.steps), "depending on a build"),
        *((sum(action in actions for action in every), words) for words, actions in _COUNTED),
    ]
    return ", ".join(f"{count} {words}" for count, words in counts if count)


def plan_as_json(plan: Plan, project: str, notes: Sequence[str] = (), builds: Sequence[str] = ()) -> str:
    """The same as data in one line, documented in docs/reference/json.md."""
    data = {
        "stack": plan.stack,
        "project": project,
        "changes": not plan.empty or bool(builds),
        "builds": list(builds),
        "shared": [_shared(one) for one in plan.shared],
        "steps": [_step(step) for step in (*plan.steps, *plan.removals)],
        "leave": list(plan.strangers),
        "notes": list(notes),
    }
    return json_text(data)


def _shared(one: Shared) -> dict[str, object]:
    kind, name = one.resource
    return {
        "kind": kind,
        "name": name,
        "action": one.action.word,
        "reason": one.reason,
        "services": list(one.services),
        "changes": _changes(one.changes),
        "advice": one.advice or None,
    }


def _changes(changes: Sequence[Change]) -> list[dict[str, str | None]]:
    return [{"key": c.key, "old": c.old, "new": c.new, "source": c.source or None} for c in changes]


def _step(step: Step) -> dict[str, object]:
    return {
        "service": step.service,
        "action": step.action.word,
        "reason": step.reason,
        "job": step.job,
        "needs": [need.service for need in step.needs],
        "changes": _changes(step.changes),
        "data": list(step.data),
        "awaits_build": step.awaits_build,
    }
