"""What a change means for a stack, as people and programs read it."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.errors import Mark
from devenv.model.difference import Difference, Kind, ServiceDifference, StackDifference, Why
from devenv.model.image_name import short_digests
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.text import cells, padded, plural, visible

_STYLES: dict[Kind, str] = {"added": "green", "removed": "red", "changed": "yellow"}
_PLAIN = "the manifest"  # what the place says already
_WORD = max(map(len, _STYLES))


def format_diff(found: StackDifference, *, colour: bool) -> str:
    """A line for each service, beneath it what changed and where that is written; then what becomes of data."""
    lines = [paint(f"{visible(found.stack)}: {visible(_sides(found))}: {summary(found)}", "bold", colour)]
    width = max((cells(visible(service.service)) for service in found.services), default=0)
    for service in found.services:
        lines += ["", *_service(service, width, found.old, colour)]
    if found.shared:
        lines += ["", paint("shared by all", "bold", colour)]
        lines += ["  " + line for line in _changes(found.shared, found.old, colour)]
    rest = [*(f"data: {visible(one)}" for one in found.data), *(f"note: {visible(note)}" for note in found.notes)]
    return "\n".join([*lines, *(["", *rest] if rest else [])])


def format_stat(found: StackDifference, *, colour: bool) -> str:
    """A line for each service with the number of its changes, and the sum."""
    rows = [(service.kind, service.service, service) for service in found.services]
    width = max((cells(visible(name)) for _, name, _ in rows), default=0)
    lines = []
    for kind, name, service in rows:
        count = plural(len(service.changes), "change") if service.changes else _short(service.about)
        about = f"as {visible(service.like)}" if service.like else count
        word = paint(padded(kind, _WORD), _STYLES[kind], colour)
        lines.append(f"{word}  {padded(visible(name), width)}  {about}{', and its data' if service.data else ''}")
    if found.shared:
        lines.append(f"{padded('shared', _WORD)}  {padded('', width)}  {plural(len(found.shared), 'change')}")
    return "\n".join([*lines, summary(found)])


def summary(found: StackDifference) -> str:
    """`1 added, 2 changed`, or that both mean the same."""
    kinds = [service.kind for service in found.services]
    words = [f"{kinds.count(kind)} {kind}" for kind in _STYLES if kind in kinds]
    if found.shared:
        words.append(f"{plural(len(found.shared), 'change')} shared by all")
    return ", ".join(words) or "nothing changes"


def diff_as_json(found: StackDifference) -> str:
    """The same as data in one line, documented in docs/reference/json.md."""
    data = {
        "stack": found.stack,
        "old": found.old,
        "new": found.new,
        "changes": not found.empty,
        "services": [
            {
                "service": service.service,
                "kind": service.kind,
                "about": service.about,
                "like": service.like or None,
                **_place(service.mark),
                "changes": [_difference(change) for change in service.changes],
                "data": list(service.data),
            }
            for service in found.services
        ],
        "shared": [{**_difference(change), "services": list(change.services)} for change in found.shared],
        "data": list(found.data),
        "notes": list(found.notes),
    }
    return json_text(data)


def _sides(found: StackDifference) -> str:
    return f"{found.old} → {found.new}"


def _service(service: ServiceDifference, width: int, old: str, colour: bool) -> list[str]:
    word = paint(padded(service.kind, _WORD), _STYLES[service.kind], colour)
    about = f"as {visible(service.like)}" if service.like else _short(service.about)
    where = _where(service.mark, old if service.kind == "removed" else "") if service.kind != "changed" else ""
    head = f"{word}  {padded(visible(service.service), width)}  {about}"
    lines = [head.rstrip() + (f"  {paint(where, 'cyan', colour)}" if where else "")]
    indent = " " * (_WORD + 2)
    if not service.like:
        lines += [indent + line for line in _changes(service.changes, old, colour)]
    return lines + [f"{indent}data: {visible(one)}" for one in service.data]


def _changes(changes: Sequence[Difference], old: str, colour: bool) -> list[str]:
    """What changed, below each place that it comes from."""
    places: dict[tuple[object, ...], list[Difference]] = {}
    for change in changes:
        at = tuple((why.old, why.mark) if why.mark else why.what for why in change.whys)
        places.setdefault(at, []).append(change)
    lines = []
    for _, found in sorted(places.items(), key=lambda place: bool(place[0])):  # what has no place stands under none
        lines += [_cause(why, old, colour) for why in found[0].whys]
        lines += ["  " + line for change in found for line in _change(change, colour)]
    return lines


def _cause(why: Why, old: str, colour: bool) -> str:
    where = paint(_where(why.mark, old if why.old else ""), "cyan", colour)
    return "  ".join(part for part in (where, visible(why.what) if why.what != _PLAIN else "") if part)


def _change(change: Difference, colour: bool) -> list[str]:
    key = visible(change.key) + (f" in {visible(', '.join(change.within))}" if change.within else "")
    key += f", used by {visible(', '.join(change.services))}" if change.services else ""
    if change.lines:
        return [f"{key}:", *("  " + _line(line, colour) for line in change.lines)]
    before = None if change.old is None else paint(_short(change.old), "red", colour)
    after = None if change.new is None else paint(_short(change.new), "green", colour)
    if before is None:
        words = f"{after}, new"
    elif after is None:
        words = f"{before}, gone"
    else:
        words = f"{before}, another one" if change.old == change.new else f"{before} → {after}"
    return [f"{key}: {words}"]


def _short(text: str) -> str:
    return visible(short_digests(text))


def _line(line: str, colour: bool) -> str:
    style = {"+": "green", "-": "red"}.get(line[:1], "dim")
    return paint(visible(line), style, colour)


def _where(mark: Mark | None, revision: str) -> str:
    """`devenv.yaml:12:5`; of the older of two, `HEAD:devenv.yaml:12:5`."""
    if mark is None:
        return ""
    return f"{revision.split(',')[0]}:" * bool(revision) + f"{visible(mark.file)}:{mark.line}:{mark.column}"


def _difference(change: Difference) -> dict[str, object]:
    whys = [_why(why) for why in change.whys]
    said = {"key": change.key, "old": change.old, "new": change.new, "lines": list(change.lines), "whys": whys}
    return {**said, "within": list(change.within)}


def _why(why: Why) -> dict[str, object]:
    return {"what": why.what, **_place(why.mark), "in": "old" if why.old else "new"}


def _place(mark: Mark | None) -> dict[str, object]:
    return {
        "file": mark.file if mark else None,
        "line": mark.line if mark else None,
        "column": mark.column if mark else None,
    }
