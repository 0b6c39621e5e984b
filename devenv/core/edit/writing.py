"""A value as the text that goes into a file: in the style of what stands around it."""

from __future__ import annotations

import re
from typing import Any

from devenv.core.yaml.emit import dump
from devenv.core.yaml.scalars import fits_literal_block, write_text
from devenv.model.data import Plain, Tagged

_FLOW_UNSAFE = re.compile(r"[,\[\]{}]|: |:\Z| #|\A[?]")


def scalar(value: Any, quote: str, *, flow: bool) -> str:
    """A scalar on one line, in the quotes that the value before it had where they can hold it."""
    if isinstance(value, str) and not isinstance(value, Plain):
        if quote == "'" and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        bare = write_text(str(value))
        if bare.startswith('"') or not (quote == '"' or (flow and _FLOW_UNSAFE.search(value))):
            return bare
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    written = dump(value).rstrip("\n")
    return f"{quote}{written}{quote}" if quote in ("'", '"') and value is not None else written


def inline(value: Any) -> str:
    """Any value on one line: `{ database: shop }`, `[db, cache]`."""
    if isinstance(value, dict):
        entries = ", ".join(f"{scalar(str(k), '', flow=True)}: {inline(v)}" for k, v in value.items())
        return f"{{ {entries} }}" if entries else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, Tagged):
        return f"{value.tag} {inline(value.value)}"
    return scalar(value, "", flow=True)


def literal(value: Any, indent: int) -> str | None:
    """A text of several lines as a block; None for anything else, and for what not every block can hold."""
    if not isinstance(value, str) or isinstance(value, Plain) or value.endswith("\n") or not fits_literal_block(value):
        return None
    return "|-\n" + "\n".join(" " * indent + line if line else "" for line in value.split("\n"))


def block(value: Any, indent: int, step: int) -> str:
    """What follows `key:`, with the blank or the line end before it: mappings and texts of several lines over lines,
    everything else on one."""
    if several := literal(value, indent + step):
        return f" {several}"
    if not isinstance(value, dict) or not value:
        return f" {inline(value)}" if isinstance(value, dict | list) else f" {scalar(value, '', flow=False)}"
    pad = " " * (indent + step)
    lines = (f"{pad}{scalar(str(k), '', flow=False)}:{block(v, indent + step, step)}" for k, v in value.items())
    return "\n" + "\n".join(lines)
