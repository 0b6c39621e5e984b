"""Leaves a record of every bring-up in `.devenv/timings/`: what `devenv timings` shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from devenv.engine.protocols import Project
from devenv.errors import DevenvError
from devenv.events import Event, Finished, Note, Phase, ServiceChanged, ServiceFailed, Sink, Started
from devenv.records import replace

if TYPE_CHECKING:
    from devenv.model.timings import Outcome

JOURNAL = ".devenv/timings/runs.jsonl"

_IDLE_LIMIT = 200
"""Lines after which idle runs are thinned out; those that did something come with a rewriting of their own."""


@contextmanager
def recorded(project: Project, sink: Sink) -> Iterator[Sink]:
    """Gives a sink that passes events on to `sink` and, on leaving, keeps the record of the run.

    A run that fails or is interrupted leaves a record too, one that failed before its `Started` none. No failure to
    write it ends the run: a Note says so.
    """
    events: list[Event] = []
    begin = Event()

    def tee(event: Event) -> None:
        if isinstance(event, Started | ServiceChanged | ServiceFailed):
            events.append(event)
        elif isinstance(event, Finished) and not _idle(events):
            event = replace(event, longest=_longest(events, begin, event))
        sink(event)

    outcome: Outcome = "failed"
    code = ""
    try:
        yield tee
        outcome = "ready"
    except KeyboardInterrupt:
        outcome = "interrupted"
        raise
    except DevenvError as error:
        code = error.problems[0].code
        raise
    finally:
        try:
            _keep(project, events, begin, outcome, code)
        except DevenvError as error:
            text = f"there will be no record of this run: {error.problems[0].message}"
            sink(Note(text=text, level="warning"))


def _idle(events: Sequence[Event]) -> bool:
    """Whether nothing happened to any service."""
    return all(e.phase is Phase.KEPT for e in events if isinstance(e, ServiceChanged))


def _longest(events: Sequence[Event], begin: Event, end: Event) -> tuple[str, ...]:
    """The services of the longest path that waited for each other, in order; empty when it is only one. Whose image
    or container came before the first of them is a matter of `devenv timings`."""
    from devenv.core.timing.timings import longest_path, record
    from devenv.model.timings import Kind

    run = record(events, begin=begin.clock, end=end.clock, at=begin.at, outcome="ready")
    names = tuple(dict.fromkeys(leg.service for leg in longest_path(run) if leg.span.kind is Kind.START))
    return names if len(names) > 1 else ()


def _keep(project: Project, events: Sequence[Event], begin: Event, outcome: Outcome, code: str) -> None:
    started = next((event for event in events if isinstance(event, Started)), None)
    if started is None:
        return
    end = Event().clock
    if _idle(events):
        _keep_idle(project, begin.at, started.stack, outcome, end - begin.clock, code)
        return
    from devenv.core.timing.lines import dump, load, next_number
    from devenv.core.timing.timings import record

    entries = load(_journal(project))
    number = next_number(entries)
    run = record(events, begin=begin.clock, end=end, at=begin.at, outcome=outcome, code=code, number=number)
    project.write(JOURNAL, dump([*entries, run]))


def _keep_idle(project: Project, at: float, stack: str, outcome: Outcome, seconds: float, code: str) -> None:
    """Adds a line, as `core.timing.lines` would write it: without that module, whose import takes longer than this."""
    fields = {"at": round(at, 3), "stack": stack, "outcome": outcome, "seconds": round(seconds, 3), "code": code}
    line = json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"
    text = _journal(project)
    if text.count("\n") < _IDLE_LIMIT:
        project.append(JOURNAL, line)
        return
    from devenv.core.timing.lines import dump, load

    project.write(JOURNAL, dump(load(text + line)))


def _journal(project: Project) -> str:
    """The journal's text; empty when there is none or it cannot be read, and a new one begins."""
    if not project.exists(JOURNAL, "file"):
        return ""
    try:
        return project.read(JOURNAL)
    except DevenvError:
        return ""
