"""Data → YAML text: stable, in the order given, and not to be misread by any reader of YAML 1.1 or 1.2.

Written by hand rather than over PyYAML's emitter, whose C version neither indents list items nor
leaves the choice of quotes to the caller, and takes ten times as long on a stack of a thousand services.
"""

from __future__ import annotations

from typing import Any

from devenv.core.yaml.scalars import fits_literal_block, float_text, write_text
from devenv.model.data import Data, Plain, Tagged

_LONGEST_KEY = 900  # readers look for the colon of a bare key within 1024 characters


def dump(data: Data) -> str:
    """YAML text of `data` (mappings, lists, scalars, Plain and Tagged), two spaces a level, ended by a newline.

    Mappings keep their order, lines are never folded, nothing is aliased. Raises TypeError for any other type.
    """
    lines: list[str] = []
    if isinstance(data, dict) and data:
        _entries(lines, data, "", "")
    elif isinstance(data, list) and data:
        _items(lines, data, "", "")
    else:
        _node(lines, data, "", "  ")
        lines = [line.removeprefix(" ") for line in lines[:1]] + lines[1:]
    lines.append("")
    return "\n".join(lines)


def _entries(lines: list[str], data: dict[str, Any], first: str, pad: str) -> None:
    below = pad + "  "
    for key, value in data.items():
        name = write_text(str(key))
        if len(name) > _LONGEST_KEY:
            lines.append(f"{first}? {name}")
            name = ""
            first = pad
        lead = f"{first}{name}:"
        first = pad
        if type(value) is str and "\n" not in value:
            lines.append(f"{lead} {write_text(value)}")
        else:
            _node(lines, value, lead, below)


def _items(lines: list[str], data: list[Any], first: str, pad: str) -> None:
    below = pad + "  "
    for value in data:
        if type(value) is str and "\n" not in value:
            lines.append(f"{first}- {write_text(value)}")
        elif isinstance(value, dict) and value:
            _entries(lines, value, f"{first}- ", below)
        elif isinstance(value, list) and value:
            _items(lines, value, f"{first}- ", below)
        else:
            _node(lines, value, f"{first}-", below)
        first = pad


def _node(lines: list[str], value: Any, lead: str, pad: str) -> None:
    """`lead` is what already stands on the value's first line; lines below it start with `pad`."""
    if isinstance(value, Tagged):
        _node(lines, value.value, f"{lead} {value.tag}", pad)
    elif isinstance(value, dict):
        if value:
            lines.append(lead)
            _entries(lines, value, pad, pad)
        else:
            lines.append(f"{lead} {{}}")
    elif isinstance(value, list):
        if value:
            lines.append(lead)
            _items(lines, value, pad, pad)
        else:
            lines.append(f"{lead} []")
    elif isinstance(value, str) and not isinstance(value, Plain) and fits_literal_block(value):
        _literal(lines, str(value), lead, pad)
    else:
        lines.append(f"{lead} {_scalar(value)}")


def _literal(lines: list[str], text: str, lead: str, pad: str) -> None:
    chomp = "" if text.endswith("\n") else "-"
    if text.endswith("\n\n"):
        chomp = "+"
    lines.append(f"{lead} |{chomp}")
    if chomp != "-":
        text = text[:-1]
    lines.extend(pad + line if line else "" for line in text.split("\n"))


def _scalar(value: Any) -> str:
    if isinstance(value, Plain):
        return str(value)
    if isinstance(value, str):
        return write_text(str(value))
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value)
    raise TypeError(f"{type(value).__name__} has no YAML form")
