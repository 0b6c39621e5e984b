"""How long a bring-up took, as a chart of letters and blocks: a line a service, a character a phase."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from devenv.model.timings import Change, Comparison, Idle, Kind, Leg, Record, Timeline, Timings
from devenv.ui.console import paint
from devenv.ui.tables import Cell, table
from devenv.ui.text import cells, cut, duration, listed, padded, plural, visible


class Look(NamedTuple):
    """How a phase is drawn: a character, the one for terminals without Unicode, a style, and its name."""

    char: str
    ascii: str
    style: str
    name: str


LOOKS = {
    Kind.PULL: Look("▼", "v", "blue", "pull"),
    Kind.BUILD: Look("▒", "%", "magenta", "build"),
    Kind.CREATE: Look("+", "+", "yellow", "create"),
    Kind.WAIT: Look("·", ".", "dim", "wait"),
    Kind.START: Look("█", "#", "green", "start-up"),
}

ENDINGS = {
    "ready": "ready",
    "completed": "done",
    "kept": "unchanged",
    "failed": "failed",
    "skipped": "skipped",
    "unfinished": "not ready",
}

_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_WIDTH = 100
"""Columns where there is no terminal."""


def format_timings(
    timings: Timings, *, colour: bool, width: int | None = None, unicode: bool = True, zone: tzinfo | None = None
) -> str:
    """The run in a sentence, the chart with its scale and legend, the longest path, the total, and the comparison.

    `zone` is the time zone of the clock times (None: this machine's).
    """
    record = timings.record
    parts = [
        "\n".join([head(record, zone), *_since(timings.idle)]),
        "\n".join(_chart(timings, colour, width or _WIDTH, unicode)),
        "\n".join(_path(timings, colour, width or _WIDTH)),
    ]
    if timings.comparison is not None:
        parts.append(format_comparison(timings.comparison, colour=colour, width=width))
    return "\n\n".join(parts)


def head(record: Record, zone: tzinfo | None = None) -> str:
    """`shop, run 17 of 2026-01-31 12:00: ready in 9.4 s`."""
    return f"{visible(record.stack)}, run {record.number} of {when(record.at, zone)}: {ending(record)}"


def ending(record: Record | Idle) -> str:
    """How a run ended, and when: `ready in 9.4 s`, `failed after 3.0 s (DE620)`."""
    took = duration(record.seconds)
    if record.outcome == "ready":
        return f"ready in {took}"
    return f"{record.outcome} after {took}" + (f" ({record.code})" if record.code else "")


def when(at: float, zone: tzinfo | None = None) -> str:
    """A Unix time as date and minute."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")


def format_history(entries: Sequence[Record | Idle], *, colour: bool, zone: tzinfo | None = None) -> str:
    """A line a run, the newest first."""
    rows: list[list[Cell | str]] = []
    for entry in reversed(entries):
        style = {"ready": "green", "failed": "bold red"}.get(entry.outcome, "yellow")
        number, busy = "-", "nothing to do" if entry.outcome == "ready" else "nothing begun"
        if isinstance(entry, Record):
            number, busy = str(entry.number), _busy(entry)
        outcome = entry.outcome + (f" ({entry.code})" if entry.code else "")
        rows.append([number, when(entry.at, zone), Cell(outcome, style), duration(entry.seconds), busy])
    return table(("run", "when", "outcome", "took", "services"), rows, colour=colour)


def format_comparison(comparison: Comparison, *, colour: bool, width: int | None = None) -> str:
    """The whole against before, then what became slower, the greatest loss first."""
    total = comparison.total
    if total.before is None and not any(change.runs for change in comparison.changes):
        return "no earlier run can be compared with this one"
    lines = []
    if total.before is not None:
        usual = f"the median of {plural(total.runs, 'earlier run')} like it" if total.runs > 1 else "the run before"
        lines.append(f"in all {duration(total.seconds)}; {usual} took {duration(total.before)}")
    if not comparison.slower:
        return "\n".join([*lines, "no phase became slower"])
    rows: list[list[Cell | str]] = [
        [
            LOOKS[change.kind].name if change.kind else "",
            duration(change.seconds),
            duration(change.before or 0.0),
            Cell(f"+{duration(change.loss)}", "bold red"),
            str(change.runs),
            cut(visible(services_of(change)), max(16, (width or _WIDTH) - 48)),
        ]
        for change in comparison.slower
    ]
    heads = ("slower", "took", "before", "loss", "runs", "service")
    lines.append("before: the median of so many earlier runs in which there was the same to do")
    return "\n".join([*lines, table(heads, rows, colour=colour)])


def services_of(change: Change) -> str:
    """The services of a change for people: what is done for all at once names only a few."""
    return listed(change.services, 4)


def legs_text(path: Sequence[Leg]) -> list[str]:
    """The longest path's parts: `db start-up 2.1 s`."""
    return [f"{visible(leg.service)} {LOOKS[leg.span.kind].name} {duration(leg.span.seconds)}" for leg in path]


def rest_of(timings: Timings) -> float:
    """Seconds of the run that the longest path's parts leave: reading files, asking the engine, stopping to look."""
    return max(0.0, timings.record.seconds - sum(leg.span.seconds for leg in timings.path))


def ticks(seconds: float, most: int) -> list[float]:
    """Round numbers of seconds from 0 for a scale of at most `most` marks."""
    step = next((step for step in _STEPS if seconds / step <= max(1, most)), seconds)
    return [i * step for i in range(int(seconds / step + 1e-9) + 1)] if step > 0 else [0.0]


def tick_text(seconds: float) -> str:
    """A mark's text: `0`, `0.5`, `12`; from a minute's step on `1:30`."""
    if seconds >= 60:
        return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
    return f"{seconds:g}"


def _since(idle: Sequence[Idle]) -> list[str]:
    """What is to be said of later runs that are not shown because nothing happened in them."""
    lines = []
    if good := sum(run.outcome == "ready" for run in idle):
        lines.append(f"since then {'once' if good == 1 else f'{good} times'} there was nothing to do")
    bad = [run for run in idle if run.outcome != "ready"]
    if bad:
        lines.append(f"since then {plural(len(bad), 'run')} ended before anything began (last: {ending(bad[-1])})")
    return lines


def _busy(record: Record) -> str:
    busy = [timeline for timeline in record.services if timeline.spans]
    kept = len(record.services) - len(busy)
    return plural(len(busy), "service") + (f", {kept} unchanged" if kept else "")


def _chart(timings: Timings, colour: bool, width: int, unicode: bool) -> list[str]:
    record = timings.record
    names = {t.service: visible(t.service) for t in record.services}
    name_width = min(max(map(cells, names.values()), default=0), max(8, width // 4))
    ends = {t.service: _end(t) for t in record.services}
    end_width = max(map(len, ends.values()), default=0)
    room = max(10, width - name_width - end_width - 5)
    marked = {leg.service for leg in timings.path}
    lines = [" " * (name_width + 3) + _scale(record.seconds, room)]
    for timeline in record.services:
        mark = "*" if timeline.service in marked else " "
        name = padded(cut(names[timeline.service], name_width), name_width)
        bar = _bar(timeline, record.seconds, room, colour, unicode)
        end = ends[timeline.service]
        style = {"failed": "bold red", "skipped": "yellow", "kept": "dim"}.get(timeline.ending, "")
        shown = " " * (end_width - len(end)) + (paint(end, style, colour) if style else end)
        lines.append(f"{paint(mark, 'bold', colour)} {name} {bar}  {shown}")
    used = {span.kind for t in record.services for span in t.spans}
    legend = [f"{_painted(kind, 1, colour, unicode)} {look.name}" for kind, look in LOOKS.items() if kind in used]
    taken = sum(len(LOOKS[kind].name) + 4 for kind in used)
    star = "* on the longest path"
    joined = "  ".join(legend)
    return [*lines, "", *([f"{joined}  {star}"] if taken + len(star) <= width else [joined, star])]


def _end(timeline: Timeline) -> str:
    """What stands at the end of a line: how it ended, and when."""
    word = ENDINGS[timeline.ending]
    return f"{word} {duration(timeline.end)}" if timeline.spans else word


def _scale(seconds: float, room: int) -> str:
    """Marks over the bars, each where its second begins."""
    line = ""
    marks = ticks(seconds, room // 8)
    for i, mark in enumerate(marks):
        text = tick_text(mark) + (" s" if i == len(marks) - 1 and mark < 60 else "")
        at = round(mark / seconds * room) if seconds else 0
        if at + len(text) > room:
            at = room - len(text)
        line = padded(line, at) + text if at > len(line) or not line else line
    return line


def _bar(timeline: Timeline, seconds: float, room: int, colour: bool, unicode: bool) -> str:
    """A service's spans on `room` columns; whatever was, is at least one column wide, the shortest on top."""
    columns: list[Kind | None] = [None] * room
    for span in sorted(timeline.spans, key=lambda s: (s.kind is not Kind.WAIT, -s.seconds)):
        first = min(room - 1, round(span.start / seconds * room)) if seconds else 0
        last = round(span.end / seconds * room) if seconds else 0
        for column in range(first, min(room, max(first + (span.kind is not Kind.WAIT), last))):
            columns[column] = span.kind
    bar, at = "", 0
    while at < room:
        end = at
        while end < room and columns[end] is columns[at]:
            end += 1
        kind = columns[at]
        bar += " " * (end - at) if kind is None else _painted(kind, end - at, colour, unicode)
        at = end
    return bar


def _painted(kind: Kind, count: int, colour: bool, unicode: bool) -> str:
    look = LOOKS[kind]
    return paint((look.char if unicode else look.ascii) * count, look.style, colour)


def _path(timings: Timings, colour: bool, width: int) -> list[str]:
    """The longest path, wrapped between its parts, and the total."""
    lines = []
    if timings.path:
        line = "longest path:"
        for i, leg in enumerate(legs_text(timings.path)):
            text = (" > " if i else " ") + leg
            if cells(line) + cells(text) > width and line.strip():
                lines.append(line)
                line, text = " " * 13, f" > {leg}"
            line += text
        lines.append(line)
        lines.append(f"the rest:     {duration(rest_of(timings))}")
    return [*lines, paint(f"total:        {duration(timings.record.seconds)}", "bold", colour)]
