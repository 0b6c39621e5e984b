"""Timings as data, documented in docs/reference/json.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from devenv.model.timings import Change, Comparison, Idle, Leg, Record, Span, Timeline, Timings
from devenv.ui.json_text import json_text
from devenv.ui.timings import rest_of


def timings_as_json(timings: Timings) -> str:
    """A run, its longest path, the idle runs since, and the comparison (null when it was not asked for)."""
    comparison = timings.comparison
    data = {
        **_run(timings.record),
        "services": [_timeline(timeline) for timeline in timings.record.services],
        "path": [_leg(leg) for leg in timings.path],
        "rest": round(rest_of(timings), 3),
        "idle": [_idle(run) for run in timings.idle],
        "comparison": None if comparison is None else _comparison(comparison),
    }
    return json_text(data)


def history_as_json(entries: Sequence[Record | Idle]) -> str:
    """Every run that is remembered, oldest first; `run` is null for those without anything to do."""
    runs = [_run(e) if isinstance(e, Record) else {"run": None, **_idle(e)} for e in entries]
    return json_text({"runs": runs})


def _run(record: Record) -> dict[str, Any]:
    return {"run": record.number, **_idle(record)}


def _idle(run: Record | Idle) -> dict[str, Any]:
    time = datetime.fromtimestamp(run.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "stack": run.stack,
        "time": time,
        "outcome": run.outcome,
        "seconds": round(run.seconds, 3),
        "code": run.code or None,
    }


def _timeline(timeline: Timeline) -> dict[str, Any]:
    return {
        "service": timeline.service,
        "needs": list(timeline.needs),
        "ending": timeline.ending,
        "spans": [_span(span) for span in timeline.spans],
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {"service": leg.service, **_span(leg.span)}


def _span(span: Span) -> dict[str, Any]:
    return {"kind": span.kind.value, "start": round(span.start, 3), "end": round(span.end, 3)}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    total = _change(comparison.total)
    return {
        "earlier": comparison.runs,
        "total": {name: total[name] for name in ("seconds", "before", "runs", "slower")},
        "changes": [_change(change) for change in comparison.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "services": list(change.services),
        "seconds": change.seconds,
        "before": change.before,
        "runs": change.runs,
        "slower": change.slower,
    }
