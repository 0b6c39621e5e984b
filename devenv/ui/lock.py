"""The lock as people and programs read it: what is pinned, what moved, and what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from devenv.errors import Problem
from devenv.model.lock import FileDiff, LockChange, StackChange
from devenv.records import asdict
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.problems import problem_as_data
from devenv.ui.text import plural, visible

NOTHING_NEW = "devenv.lock: everything is as new as it can be"
NOTHING_FOUND = "devenv.lock: nothing newer was found where it could be asked for"

_SIGN = {"added": "+", "removed": "-", "changed": "~"}
_COLOURS = {"+": "green", "-": "red", "~": "yellow", "@": "cyan"}


def format_changes(changes: Sequence[LockChange], *, colour: bool) -> str:
    """One line for each entry that was pinned, moved or removed."""
    return "\n".join(_change(change, colour) for change in changes)


def format_outdated(
    changes: Sequence[LockChange], versions: Sequence[LockChange], *, whole: bool, fits: bool, colour: bool
) -> str:
    """What moved, and which templates have a newer version; `whole` says whether everything could be asked for, `fits`
    whether an upgrade could take it."""
    lines = [_change(change, colour) for change in changes]
    lines += [_version(version, colour) for version in versions]
    if not lines:
        return NOTHING_NEW if whole else NOTHING_FOUND
    hint = ["", "`devenv upgrade` shows what this changes, and takes it"] if changes and fits else []
    return "\n".join([*lines, *hint])


def _version(one: LockChange, colour: bool) -> str:
    where = f" (in {visible(one.file)})" if one.file else ""
    return f"{paint('~', 'yellow', colour)} {one.name}: {one.before}, the newest is {one.after}{where}"


def format_upgrade(
    changes: Sequence[LockChange], diffs: Sequence[FileDiff], services: Sequence[StackChange] | None, *, colour: bool
) -> str:
    """The lock's own changes, then the templates', then the services' where they are known; empty when there are
    none."""
    parts = [_titled("devenv.lock", [_change(change, colour) for change in changes], colour)] if changes else []
    for diff in diffs:
        lines = [_diff_line(line, colour) for line in diff.lines]
        parts.append(_titled(diff.file, [*lines, *([f"… {diff.more} more lines"] if diff.more else [])], colour))
    if changes and services is not None:
        lines = [line for one in services for line in _service(one, colour)]
        parts.append(_titled("services", lines or [_nothing(changes)], colour))
    return "\n\n".join(parts)


def _nothing(changes: Sequence[LockChange]) -> str:
    """That the upgrade itself changes no service: another source in the manifest counts as soon as it stands there."""
    for one in changes:
        if one.kind == "template" and one.before and one.after and _short(one, one.before) != _short(one, one.after):
            return "no service changes with the upgrade; what the manifest's other sources change: `devenv diff`"
    return "no service changes"


def lock_as_json(changes: Sequence[LockChange], problems: Sequence[Problem], *, written: bool) -> str:
    """Documented in docs/reference/json.md."""
    return json_text(
        {"ok": not problems, "written": written, "changes": _changes(changes), "problems": _told(problems)}
    )


def outdated_as_json(changes: Sequence[LockChange], versions: Sequence[LockChange], problems: Sequence[Problem]) -> str:
    """Documented in docs/reference/json.md."""
    newer = [asdict(version) for version in versions]
    return json_text({"changes": _changes(changes), "versions": newer, "problems": _told(problems)})


def upgrade_as_json(
    changes: Sequence[LockChange],
    diffs: Sequence[FileDiff],
    services: Sequence[StackChange] | None,
    problems: Sequence[Problem],
    *,
    written: bool,
) -> str:
    """Documented in docs/reference/json.md."""
    data = {
        "written": written,
        "changes": _changes(changes),
        "files": [{"file": diff.file, "diff": list(diff.lines), "more": diff.more} for diff in diffs],
        "services": None if services is None else [_service_as_data(one) for one in services],
        "problems": _told(problems),
    }
    return json_text(data)


def _service_as_data(one: StackChange) -> dict[str, Any]:
    return {
        "service": one.service,
        "kind": one.kind,
        "changes": [{"key": c.key, "old": c.old, "new": c.new} for c in one.changes],
    }


def _changes(changes: Sequence[LockChange]) -> list[dict[str, Any]]:
    return [{"kind": c.kind, "name": c.name, "before": c.before, "after": c.after} for c in changes]


def _told(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [problem_as_data(problem) for problem in problems]


def _change(change: LockChange, colour: bool) -> str:
    kind = "added" if change.before is None else "removed" if change.after is None else "changed"
    sign = _SIGN[kind]
    before, after = _short(change, change.before), _short(change, change.after)
    moved = {"added": after, "removed": before, "changed": f"{before} → {after}"}[kind]
    if change.kind == "template" and before == after:
        moved = f"{before}, other files"
    name = change.kind if change.kind == "devenv" else f"{change.kind} {visible(change.name)}"
    return f"{paint(sign, _COLOURS[sign], colour)} {name}: {visible(moved)}"


def _short(change: LockChange, value: str | None) -> str:
    """A digest, a commit or a template's origin, as short as people compare them."""
    if value is None:
        return ""
    if change.kind == "template":
        return value.rpartition(" ")[0]
    if change.kind == "devenv":
        return value
    return value[:19] if value.startswith("sha256:") else value[:12]


def _service(one: StackChange, colour: bool) -> Iterator[str]:
    sign = _SIGN[one.kind]
    count = f": {plural(len(one.changes), 'change')}" if one.changes else f": {one.kind}"
    yield f"{paint(sign, _COLOURS[sign], colour)} {visible(one.service)}{count}"
    for change in one.changes:
        yield f"    {visible(str(change))}"


def _diff_line(line: str, colour: bool) -> str:
    return paint(visible(line), _COLOURS[line[0]], colour) if line[:1] in ("+", "-", "@") else visible(line)


def _titled(title: str, lines: Sequence[str], colour: bool) -> str:
    return "\n".join([paint(title, "bold", colour), *("  " + line for line in lines)])
