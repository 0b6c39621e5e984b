"""What an edit of the manifest did, for people and programs."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.text import visible

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def format_edit(file: str, line: int | None, says: Sequence[str], *, diff: str | None, colour: bool) -> str:
    """One line for each thing that was done; with `diff` (of a dry run) what would change, line by line."""
    if line is None:
        return f"{visible(file)}: nothing to change"
    if diff is not None:
        return format_diff(diff, colour=colour)
    first, *more = map(visible, says)
    return "\n".join([f"{visible(file)}:{line}: {first}", *more])


def format_diff(diff: str, *, colour: bool) -> str:
    """A unified diff, without its last line end."""
    lines = [visible(one) for one in diff.rstrip("\n").split("\n")]
    return "\n".join(paint(one, _STYLES.get(one[:1], ""), colour) if one[:1] in _STYLES else one for one in lines)


def edit_as_json(file: str, line: int | None, says: Sequence[str], *, written: bool, diff: str) -> str:
    """Documented in docs/reference/json.md."""
    data = {
        "file": file,
        "changed": line is not None,
        "written": written,
        "line": line,
        "says": list(says),
        "diff": diff,
    }
    return json_text(data)
