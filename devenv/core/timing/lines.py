"""The journal of bring-ups as text: one JSON object a line, oldest first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isfinite
from typing import Any

from devenv.model.timings import Idle, Kind, Record, Span, Timeline

KEPT = 50
"""How many runs that did something are kept, and how many that did not."""

_OUTCOMES = ("ready", "failed", "interrupted")
_ENDINGS = ("ready", "completed", "kept", "failed", "skipped", "unfinished")

Entry = Record | Idle


def dump(entries: Iterable[Entry]) -> str:
    """The last runs of either sort as lines; a run that did nothing pushes out none that did something."""
    every = list(entries)
    records = [entry for entry in every if isinstance(entry, Record)][-KEPT:]
    idle = [entry for entry in every if isinstance(entry, Idle)][-KEPT:]
    kept = {id(entry) for entry in (*records, *idle)}
    return "".join(_line(entry) for entry in every if id(entry) in kept)


def load(text: str) -> list[Entry]:
    """The runs in `text`; lines that are not what `dump` writes are passed over."""
    entries = []
    for line in text.splitlines():
        try:
            entries.append(_entry(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # half a line after a crash, or another version's: the others are still worth having
    return entries


def next_number(entries: Iterable[Entry]) -> int:
    """The number of the run that comes after these."""
    return max((entry.number for entry in entries if isinstance(entry, Record)), default=0) + 1


def _line(entry: Entry) -> str:
    fields: dict[str, Any] = {
        "at": entry.at,
        "stack": entry.stack,
        "outcome": entry.outcome,
        "seconds": entry.seconds,
        "code": entry.code,
    }
    if isinstance(entry, Record):
        services = {
            t.service: {
                "needs": list(t.needs),
                "spans": [[s.kind.value, s.start, s.end] for s in t.spans],
                "ending": t.ending,
            }
            for t in entry.services
        }
        fields = {"run": entry.number, **fields, "services": services}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"


def _entry(data: Any) -> Entry:
    outcome = _one_of(data["outcome"], _OUTCOMES)
    at, seconds, stack, code = _number(data["at"]), _number(data["seconds"]), str(data["stack"]), str(data["code"])
    if "run" not in data:
        return Idle(at, stack, outcome, seconds, code)
    services = tuple(_timeline(name, lane) for name, lane in data["services"].items())
    return Record(int(data["run"]), at, stack, outcome, seconds, code, services)


def _timeline(name: str, data: Any) -> Timeline:
    spans = tuple(Span(Kind(kind), _number(start), _number(end)) for kind, start, end in data["spans"])
    return Timeline(name, tuple(map(str, data["needs"])), spans, _one_of(data["ending"], _ENDINGS))


def _number(value: Any) -> float:
    number = float(value)
    if not isfinite(number) or number < 0:
        raise ValueError(value)
    return number


def _one_of(value: Any, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise ValueError(value)
    return value
