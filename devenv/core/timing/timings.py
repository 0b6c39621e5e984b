"""From the events of a bring-up to its record, and the longest path through it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from devenv.events import Event, Phase, ServiceChanged, ServiceFailed, Started
from devenv.model.timings import Ending, Kind, Leg, Outcome, Record, Span, Timeline
from devenv.records import field, mutable

_KINDS = {
    Phase.PULLING: Kind.PULL,
    Phase.BUILDING: Kind.BUILD,
    Phase.CREATING: Kind.CREATE,
    Phase.WAITING: Kind.WAIT,
    Phase.STARTING: Kind.START,
}
_IMAGES = (Kind.PULL, Kind.BUILD)
_ENDINGS: dict[Phase, Ending] = {
    Phase.READY: "ready",
    Phase.COMPLETED: "completed",
    Phase.KEPT: "kept",
    Phase.FAILED: "failed",
    Phase.SKIPPED: "skipped",
}

_NEAR = 0.05
"""Seconds within which one thing counts as the cause of the next."""


@mutable
class _Lane:
    """A service while its events are read: the spans that are over, and the one that is open."""

    needs: tuple[str, ...] = ()
    spans: list[Span] = field(default_factory=list)
    kind: Kind | None = None
    since: float = 0.0
    ending: Ending = "unfinished"

    def turn(self, kind: Kind | None, now: float) -> None:
        """Ends the open span and begins one of `kind`; the same kind goes on."""
        if kind is self.kind:
            return
        if self.kind is not None:
            span = Span(self.kind, round(self.since, 4), round(now, 4))
            if span.seconds or self.kind is not Kind.WAIT:
                self.spans.append(span)
        self.kind, self.since = kind, now


def record(
    events: Iterable[Event], *, begin: float, end: float, at: float, outcome: Outcome, code: str = "", number: int = 0
) -> Record:
    """The record of a run from its events (others than those of services are ignored).

    `begin` and `end` are readings of the events' monotonic clock, `at` is the Unix time of the beginning. A run that
    ended by itself (`outcome` "ready") has failed when a service did; `code` then is that of the first failure.
    """
    stack = ""
    lanes: dict[str, _Lane] = {}
    for event in events:
        match event:
            case Started(stack=stack, services=services):
                for name, needs in services:
                    lanes.setdefault(name, _Lane()).needs = needs
            case ServiceChanged(service=service):
                _take(lanes.setdefault(service, _Lane()), event, event.clock - begin)
            case ServiceFailed():
                code = code or event.code
            case _:
                pass
    for lane in lanes.values():
        lane.turn(None, end - begin)
    if outcome == "ready" and any(lane.ending in ("failed", "skipped") for lane in lanes.values()):
        outcome = "failed"
    timelines = tuple(Timeline(name, lane.needs, tuple(lane.spans), lane.ending) for name, lane in lanes.items())
    return Record(number, round(at, 3), stack, outcome, round(end - begin, 3), code, timelines)


def _take(lane: _Lane, event: ServiceChanged, now: float) -> None:
    kind = _KINDS.get(event.phase)
    if kind in _IMAGES and event.seconds is not None:
        kind = Kind.WAIT  # its image is there: it waits for those of others
    lane.turn(kind, now)
    lane.ending = _ENDINGS.get(event.phase, "unfinished")


def longest_path(record: Record) -> tuple[Leg, ...]:
    """What the run waited for, in order: from the service that ended last back to the need that ended last before it
    started, and so on; before the first of these its container's creation and the image that came last. Time of
    devenv's own, before, between and after, belongs to no leg."""
    timelines = {timeline.service: timeline for timeline in record.services}
    ends = [(span.end, t.service) for t in record.services for span in t.spans if span.kind is not Kind.WAIT]
    if not ends:
        return ()
    last = max(reversed(ends), key=lambda pair: pair[0])[1]  # of those that ended together, the later in start order
    legs: list[Leg] = []
    at, until = timelines[last], record.seconds
    seen = {last}
    while (span := _last(at, Kind.START, until)) is not None:
        legs.append(Leg(at.service, Span(Kind.START, span.start, min(span.end, until))))
        until = span.start
        need = _cause(at, timelines, until)
        if need is None or need.service in seen:
            break
        seen.add(need.service)
        at = need
    return (*_before_start(at, record, until), *reversed(legs))


def _last(timeline: Timeline, kind: Kind, before: float) -> Span | None:
    """The last span of a kind that began before a moment."""
    return next((s for s in reversed(timeline.spans) if s.kind is kind and s.start < before), None)


def _cause(timeline: Timeline, timelines: Mapping[str, Timeline], now: float) -> Timeline | None:
    """The need that a service which started at `now` waited for last.

    That is the one that ended last before. A need that must only have been started may still be on its way to being
    ready: it is the cause when no other ended just then, the one that began last if there are several.
    """
    waited = any(s.kind is Kind.WAIT and abs(s.end - now) <= _NEAR and s.seconds > 0 for s in timeline.spans)
    if not waited:
        return None
    ended: list[tuple[float, Timeline]] = []
    running: list[tuple[float, Timeline]] = []
    for name in timeline.needs:
        need = timelines.get(name)
        span = _last(need, Kind.START, now) if need else None
        if need is None or span is None:
            continue
        if span.end <= now + _NEAR / 2:
            ended.append((span.end, need))
        else:
            running.append((span.start, need))
    latest = max(ended, key=lambda pair: pair[0], default=None)
    if latest and (now - latest[0] <= _NEAR or not running):
        return latest[1]
    return max(running, key=lambda pair: pair[0])[1] if running else None


def _before_start(timeline: Timeline, record: Record, until: float) -> list[Leg]:
    """How a service's container came to be there by `until`: the image for which all waited, and its creation."""
    legs = []
    created = _last(timeline, Kind.CREATE, until)
    if created is not None:
        legs.append(Leg(timeline.service, created))
        until = created.start + _NEAR / 2
    elif any(span.kind is Kind.START for span in timeline.spans):
        # It was only started; what was created for others came before.
        creations = [Leg(t.service, s) for t in record.services for s in t.spans if s.kind is Kind.CREATE]
        creations = [leg for leg in creations if leg.span.end <= until + _NEAR / 2]
        if creations:
            legs.append(max(creations, key=lambda leg: leg.span.end))
            until = legs[0].span.start + _NEAR / 2
    images = [
        (s.end, t) for t in record.services for s in t.spans if s.kind in _IMAGES and s.end <= max(until, s.start)
    ]
    if not images:
        return legs
    owner = max(images, key=lambda pair: pair[0])[1]
    return [*(Leg(owner.service, s) for s in owner.spans if s.kind in _IMAGES and s.end <= until), *legs]
