"""A bring-up against earlier ones: what became slower."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from devenv.model.timings import Change, Comparison, Kind, Record, Timeline

RATIO = 1.2
"""A phase must take this many times as long as before to be called slower,"""

SECONDS = 0.3
"""and this many seconds longer: less than that is noise."""

_COMPARED = (Kind.PULL, Kind.BUILD, Kind.CREATE, Kind.START)
"""Waiting is left out: it grows when something else does, which is named itself."""

_GOOD = ("ready", "completed")


def compare(record: Record, earlier: Sequence[Record]) -> Comparison:
    """Each phase of each service against the median of earlier comparable runs, the greatest loss first.

    Comparable are, for the whole, runs that came up well and had the same to do for the same services; for a service's
    phase, runs in which this service came up well and its container was created, or not, as now.
    """
    alike = [r for r in earlier if r.outcome == "ready" and _shape(r) == _shape(record)]
    total = _change(None, (), record.seconds, [r.seconds for r in alike])
    changes = [change for kind in _COMPARED for change in _changes(record, earlier, kind)]
    changes.sort(key=lambda change: -change.loss)
    return Comparison(len(earlier), total, tuple(changes))


def _shape(record: Record) -> dict[str, frozenset[Kind]]:
    return {t.service: _kinds(t) for t in record.services}


def _kinds(timeline: Timeline) -> frozenset[Kind]:
    return frozenset(span.kind for span in timeline.spans if span.kind is not Kind.WAIT)


def _changes(record: Record, earlier: Sequence[Record], kind: Kind) -> Iterable[Change]:
    """A kind's changes; services that are created or built by one and the same command count together."""
    groups: dict[tuple[object, ...], list[Timeline]] = {}
    for timeline in record.services:
        spans = [s for s in timeline.spans if s.kind is kind]
        if spans:
            shared = kind is Kind.CREATE or (kind is Kind.BUILD and (round(spans[0].start, 1), round(spans[-1].end, 1)))
            groups.setdefault((shared or timeline.service,), []).append(timeline)
    for group in groups.values():
        seconds = max(t.took(kind) for t in group)
        # One command for several services takes as long as its slowest, then as now.
        before = [_before(t, earlier, kind) for t in group]
        longest = max(before, key=lambda found: median(found) if found else -1.0)
        yield _change(kind, tuple(t.service for t in group), seconds, longest)


def _before(timeline: Timeline, earlier: Iterable[Record], kind: Kind) -> list[float]:
    """How long the phase took in earlier runs that can be compared with this one."""
    created = Kind.CREATE in _kinds(timeline)
    found = []
    for record in earlier:
        for other in record.services:
            same = other.service == timeline.service and other.ending in _GOOD
            if same and kind in _kinds(other) and (Kind.CREATE in _kinds(other)) == created:
                found.append(other.took(kind))
    return found


def _change(kind: Kind | None, services: tuple[str, ...], seconds: float, before: Sequence[float]) -> Change:
    if not before:
        return Change(kind, services, round(seconds, 3), None, 0, False)
    usual = median(before)
    slower = seconds > usual * RATIO and seconds - usual > SECONDS
    return Change(kind, services, round(seconds, 3), round(usual, 3), len(before), slower)
