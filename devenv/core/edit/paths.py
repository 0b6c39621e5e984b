"""`services.web.ports.http`: how a place in a manifest is named on a command line."""

from __future__ import annotations

import re

APPEND = -(1 << 31)
"""The step behind the last item of a list: `needs[+]`."""

Step = str | int
Path = tuple[Step, ...]
"""Keys of mappings and numbers of items."""

_PART = re.compile(
    r"""(?P<dot>\.)?(?:
        (?P<plain>[^.\[\]"']+)
      | "(?P<double>[^"]*)"
      | '(?P<single>[^']*)'
      | \[(?P<index>-?[0-9]{1,9}|\+)\]
      | \[(?:"(?P<inner>[^"]*)"|'(?P<inner1>[^']*)')\]
    )""",
    re.VERBOSE,
)


class BadPath(ValueError):
    """A text that names no place; the message says why."""


def parse_path(written: str) -> Path:
    """`a.b[0]."c.d"` as its steps. Raises BadPath."""
    steps: list[Step] = []
    at = 0
    while at < len(written):
        found = _PART.match(written, at)
        bracket = found is not None and written[found.start() : found.end()].lstrip(".").startswith("[")
        if found is None or bool(found["dot"]) != (bool(steps) and not bracket):
            raise BadPath(f"'{written}' is no path: {_shown(written, at)}")
        if found["index"] is not None:
            steps.append(APPEND if found["index"] == "+" else int(found["index"]))
        else:
            name = ("plain", "double", "single", "inner", "inner1")
            steps.append(next(found[one] for one in name if found[one] is not None))
        at = found.end()
    if not steps or not isinstance(steps[0], str):
        raise BadPath(f"'{written}' is no path: it starts with a key, such as services")
    return tuple(steps)


def _shown(written: str, at: int) -> str:
    return f"it stops making sense at '{written[at:]}'"


def path_text(path: Path) -> str:
    """A path as a person writes it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += "[+]" if step == APPEND else f"[{step}]"
        else:
            bare = _PART.fullmatch(step) and not set(step) & set(".[]\"'")
            word = step if bare else f"'{step}'" if '"' in step else f'"{step}"'
            text += f".{word}" if text else word
    return text
